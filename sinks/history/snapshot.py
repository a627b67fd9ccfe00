"""The snapshots that a change may carry: its subject as it is after the change, checked field by field.

A snapshot that does not fit is the fault of a writer, and goes to the dead letters instead of a column.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from streams.errors import Refused
from streams.said import Severity, Status

Instant = int  # ms UTC


class Snapshot(BaseModel):
    """What all snapshots share: fields that we do not know are left alone, so that writers may add some."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    @classmethod
    def read(cls, snapshot: dict[str, Any] | None) -> Self:
        """The typed snapshot; Refused names the first field that does not fit."""
        try:
            return cls.model_validate(snapshot)
        except ValidationError as why:
            first = why.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Refused(f"snapshot: `{where}`: {first['msg']}") from None


class AlertSnapshot(Snapshot):
    """One occurrence of an alert. `version` grows with every change of it."""

    id: str
    instance: str
    rule_id: str
    rule: str
    status: Status
    severity: Severity
    message: str
    triggered_at: Instant
    acknowledged_at: Instant | None = None
    acknowledged_by: str | None = None
    resolved_at: Instant | None = None
    resolved_by: str | None = None
    resolution_notes: str | None = None
    team: str
    why_team: str
    gateway: str
    labels: dict[str, str]
    group: str
    value: float | None = Field(default=None, strict=False)
    runbook: str = ""
    unknown: str = ""
    delayed: bool = False
    version: int


class DocumentSnapshot(Snapshot):
    """One revision of a configuration document; `body` None: it was deleted."""

    type: str
    name: str
    owner: str
    id: str
    revision: int
    body: dict[str, Any] | None


class CommandSnapshot(Snapshot):
    """What became of a command."""

    command: str
    result: Literal["accepted", "refused"]
