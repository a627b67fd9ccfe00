"""An alert as everybody outside respond sees it: whole, or in short as a notification shows it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec

from streams.codes import SuppressionReason
from streams.messages.envelope import Severity
from streams.messages.verdict import AnomalyReading


class AlertStatus(StrEnum):
    """How an alert stands."""

    FIRING = "firing"  # it is wrong, and nobody has it yet
    ACKNOWLEDGED = "acknowledged"  # it is wrong, and somebody has it
    RESOLVED = "resolved"  # it is over, or has not begun


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """Why nobody is told of an alert although it fires. `by`: a person, `kind/team/name` of a document, or an alert.

    `until`: when it ends if nothing else happens, ms UTC; excluded.
    """

    kind: SuppressionReason
    by: str
    until: int | None = None
    reason: str


class AlertSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One occurrence of an alert as it is after a change; `version` grows with every change of it. Instants: ms UTC."""

    id: str
    fingerprint: str
    rule_id: str
    rule: str
    status: AlertStatus
    severity: Severity
    message: str
    triggered_at: int
    acknowledged_at: int | None = None
    acknowledged_by: str | None = None
    acknowledged_until: int | None = None
    resolved_at: int | None = None
    resolved_by: str | None = None
    resolution_notes: str | None = None
    assigned_to: str | None = None
    suppression: Suppression | None = None
    suppressed_since: int | None = None
    team: str
    why_team: str
    gateway: str
    labels: dict[str, str]
    groups: tuple[str, ...] = ()  # one for each route that it matches
    value: float | None = None
    runbook: str = ""
    unknown: str = ""
    data_quality: tuple[str, ...] = ()
    delayed: bool = False
    anomaly: AnomalyReading | None = None
    rule_type: str = ""  # streams.documents.rule_type
    version: int

    def matchable(self) -> dict[str, str]:
        """What matchers of routes, silences, windows and inhibitions see of it."""
        own = AlertIdentity(self.team, self.rule, self.gateway, self.rule_type)
        return self.labels | about(own, self.severity)


class AlertIdentity(NamedTuple):
    """What of an alert may be asked for like a label, beside its labels and its severity."""

    team: str
    rule: str
    gateway: str
    type: str


def about(identity: AlertIdentity, severity: Severity) -> dict[str, str]:
    """The same by the names under which it is asked for."""
    return {"severity": severity, **identity._asdict()}


class AlertExcerpt(msgspec.Struct, frozen=True, kw_only=True):
    """One alert as a notification shows it."""

    alert_id: str
    status: AlertStatus
    severity: Severity
    message: str
    valued_at: int | None = None  # event time of the value in the message, where it holds one
    labels: dict[str, str]
    since: int
    data_quality: tuple[str, ...] = ()
    runbook: str = ""
    cut: str = ""  # says that labels or message are shortened here
    anomaly: AnomalyReading | None = None  # what a rule's model said last, without recent points
