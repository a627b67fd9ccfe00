"""The events that a trial is given, as people write them: each with its time, its type and what it says."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.trials.sample import Time
from streams.messages.event import Event

EXAMPLES: dict[str, Any] = {"at": "30s", "event": "login", "labels": {"ip": "192.0.2.7", "success": "false"}}
Text = Annotated[str, Field(max_length=1_000)]


class Happening(BaseModel):
    """One event. `at`: as of a sample; `event`: its type; `source`: who says it, the trial itself if left out."""

    model_config = ConfigDict(extra="forbid")
    at: Time
    event: str = Field(min_length=1, max_length=256)
    source: str = Field(default="", max_length=200)
    labels: dict[Text, Text] = Field(default={}, max_length=100)
    attributes: dict[Text, Any] = Field(default={}, max_length=100)

    def encode(self, gateway: str, source: str, number: int) -> bytes:
        """The message that says it. `source`: who says it where the event does not; `number`: tells it from others."""
        event = Event(
            id=f"trial/{number}", at=self.at, gateway=gateway, source=self.source or source, type=self.event,
            labels=self.labels, attributes=self.attributes,
        )  # fmt: skip
        return event.encode()
