"""Dismissals: a person says that an alert of an anomaly rule was none, so that its model asks for more for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import Field, field_validator

from streams.documents.document import Owned
from streams.text.fault import INSTANCE

_START = datetime(1970, 1, 1, tzinfo=UTC)


class Dismissal(Owned):
    """What was said of one instance at one time; it fades by half every week, and deleting it takes it back."""

    type = "dismissal"
    instance: str = Field(pattern=INSTANCE, max_length=2_000)  # gateway|rule id|series or labels
    at: str = Field(max_length=40)  # RFC 3339

    @field_validator("at")
    @classmethod
    def _instant(cls, text: str) -> str:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise ValueError(f"{text!r} is no instant: write for instance 2026-12-07T09:00:00Z")
        return text

    @property
    def instant(self) -> int:
        """When it was said, ms UTC."""
        return (datetime.fromisoformat(self.at) - _START) // timedelta(milliseconds=1)
