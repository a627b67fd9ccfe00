"""The log's part of an endpoint document: nothing but the channel's name."""

from __future__ import annotations

from typing import ClassVar, Literal

from streams.documents.endpoint import Endpoint


class LogEndpoint(Endpoint):
    """The standard output of the process that runs the channel."""

    calls_people: ClassVar[bool] = False
    channel: Literal["log"]  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
