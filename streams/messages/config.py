"""Configuration on its way to the stages that need it."""

from __future__ import annotations

from typing import Any

from streams.messages.envelope import Message


class ConfigRevision(Message, frozen=True, kw_only=True, tag="config"):
    """One revision of one configuration document; `body` None deletes it."""

    owner: str
    type: str
    name: str
    revision: int
    body: dict[str, Any] | None
    complete: bool = False  # a marker without a document: all that exists has been said
