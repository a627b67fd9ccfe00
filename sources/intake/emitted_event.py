"""`POST /v1/events`: a single happening that a plugin or a service reports, as an event for `telemetry`. Pure.

{"gateway": "prod", "source": "my-plugin", "type": "plugin_violation", "labels": {"tool": "search"}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, field_validator

from sources.intake.emitted import Emitted, Word
from streams.messages.event import LOST, OWNERS, STOPPED, Event

OURS = frozenset({LOST, OWNERS, STOPPED})  # what only a bridge may say of a gateway


class EmittedEvent(Emitted):
    """What was sent. `type`: as the sender spells it; `attributes`: whatever belongs to it."""

    gateway: Word
    type: str = Field(min_length=1, max_length=256)
    attributes: dict[str, Any] = Field(default={})

    @field_validator("type")
    @classmethod
    def _theirs(cls, type: str) -> str:
        if type in OURS:
            raise ValueError(f"{type!r} is said by Tocsin's own bridge: choose another word")
        return type


def event(body: Mapping[str, Any] | Any, by: str, now: int) -> Event:
    """The event that a body reports. `by`: the verified sender; `now`: ms UTC. Refused names the field and the fix."""
    sent = EmittedEvent.read(body)
    return Event(
        id=sent.identity(by, now),
        at=now if sent.at is None else sent.at,
        gateway=sent.gateway,
        source=f"emit/{sent.source}",
        type=sent.type,
        labels=sent.labels,
        attributes=sent.attributes,
    )
