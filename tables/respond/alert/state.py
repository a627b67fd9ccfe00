"""What is remembered of an alert, when it is looked at again, and what a step makes of it."""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

import msgspec
from msgspec.structs import replace

from streams.codes import AlertReason, SuppressionReason
from streams.documents.document import derived_text
from streams.messages.alert import AlertIdentity, AlertSnapshot, Suppression
from streams.messages.alert import about as alert_about
from streams.messages.envelope import Severity
from streams.messages.verdict import AnomalyReading
from streams.text.value_text import FRESH, as_of
from tables.kernel.clock import Moment
from tables.respond.alert.lifecycle import TRANSITIONS, Cause, Status
from tables.respond.route.state import RouteKey

RETENTION = 3_600_000  # ms on the active clock that a resolved alert's row is kept, for late duplicates
SPREAD = 60  # seconds over which such rows end


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the newest verdict says of an alert, and whose it is."""

    fingerprint: str
    rule_id: str
    rule: str
    gateway: str
    labels: dict[str, str]
    message: str
    value: float | None
    valued_at: int | None = None  # event ms of the value in the message, where it holds one
    runbook: str
    unknown: str
    data_quality: tuple[str, ...]
    delayed: bool
    since: int  # event ms at which the breach began
    anomaly: AnomalyReading | None
    team: str
    why_team: str
    routing: tuple[str, ...]  # the targets that the rule itself names
    escalation_policy: str
    rule_team: str
    moved_to: str
    shadow: bool = False  # recorded, and nobody is told
    rule_type: str = ""


class Occurrence(msgspec.Struct, frozen=True):
    """One time that it fires. `number`: counted from 1; `offset`: of the verdict in the log."""

    id: str
    number: int
    triggered_at: int  # ms UTC
    offset: int


class Acknowledgement(msgspec.Struct, frozen=True):
    """Who has it, since when; `until`: where it is critical, ms UTC, and `expires`: ms on the active clock."""

    at: int
    by: str
    until: int | None = None
    expires: int | None = None


class SnoozeMark(msgspec.Struct, frozen=True):
    """Until when nobody is to hear of it, ms UTC; excluded."""

    until: int
    by: str
    notes: str = ""


class Resolution(msgspec.Struct, frozen=True):
    """How it ended. `by`: the person who said so, if one did; `retained_until`: ms on the active clock.

    `cleared`: detect has said since then that it is over, too.
    """

    at: int
    by: str
    notes: str
    reason: str
    retained_until: int
    cleared: bool = False


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """The row of an alert. `sequence`: of its newest verdict; `version` grows with every change that was told.

    `acknowledgeable_after`: the offset at which it fired, became worse or obeyed; who acknowledged before did not
    mean this. `ack_expired_offset`: the input by which nobody had it any more, `rerouted_offset`: by which it got
    milder and its routes were chosen anew, -1 where that has not happened.
    """

    sequence: int
    facts: Facts
    status: Status
    severity: Severity
    occurrence: Occurrence
    acknowledgeable_after: int
    ack_expired_offset: int = -1
    rerouted_offset: int = -1
    acknowledgement: Acknowledgement | None = None
    resolution: Resolution | None = None
    snooze: SnoozeMark | None = None
    assigned_to: str = ""
    groups: tuple[str, ...] = ()  # chosen when it fires, and anew when its severity changes
    routes: tuple[RouteKey, ...] = ()  # by which it joined each of them
    version: int = 0

    @property
    def open(self) -> bool:
        """Whether it is wrong, whoever has it."""
        return self.status is not Status.RESOLVED


def deadline(alert: Alert) -> int | None:
    """When its acknowledgement expires, or its row ends, ms on the active clock."""
    if alert.resolution is not None:
        return alert.resolution.retained_until
    return alert.acknowledgement.expires if alert.acknowledgement is not None else None


def index(alert: Alert) -> tuple[str, ...]:
    """An open alert is looked for by its team, and by its groups: what a notification shows and people act on."""
    return (*alert.groups, alert.facts.team) if alert.open else ()


def matchable(facts: Facts, severity: Severity) -> dict[str, str]:
    """What matchers of routes, silences, windows and inhibitions see of an alert."""
    return facts.labels | about(facts, severity)


def about(facts: Facts, severity: Severity) -> dict[str, str]:
    """What of an alert may be asked for like a label, beside its labels."""
    return alert_about(AlertIdentity(facts.team, facts.rule, facts.gateway, facts.rule_type), severity)


def retained_until(fingerprint: str, active: int) -> int:
    """When a resolved alert's row ends: each at a moment of its own, so that a hundred thousand do not in one tick."""
    return active + RETENTION + 1_000 * (crc32(fingerprint.encode()) % SPREAD)


def closed(alert: Alert, cause: Cause, by: str, notes: str, reason: str, moment: Moment) -> Alert:
    """An open alert as it is once it has ended. `by`: the person who said so, "" where detect did."""
    until = retained_until(alert.facts.fingerprint, moment.active)
    end = Resolution(moment.now, by, notes, reason, until)
    return replace(alert, status=TRANSITIONS[alert.status, cause], resolution=end)


class Announcement(NamedTuple):
    """One change of an alert that the product's memory keeps."""

    what: str
    reason: str
    by: str = ""
    code: AlertReason | SuppressionReason = AlertReason.HOLDS


class AlertStep(NamedTuple):
    """What a step made of an alert. `fires`: it does so anew, or became worse; `eased`: it became milder.

    Either finds its routes. `moved`: its groups have to look at it; `missed`: it fired and ended while we were away.
    `suppressed` and `was_suppressed`: why nobody is told of it, now and before; `released`: since when nobody was.
    """

    before: Alert | None
    after: Alert
    announcements: tuple[Announcement, ...] = ()
    moved: bool = False
    fires: bool = False
    eased: bool = False
    missed: bool = False
    was_suppressed: Suppression | None = None
    suppressed: Suppression | None = None
    released: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that have to look at it: those that it is in, and those that it leaves."""
        left = self.before.groups if self.before is not None and self.before.open else ()
        return tuple(dict.fromkeys([*self.after.groups, *left]))

    def versioned(self) -> AlertStep:
        """The step with an alert that counts its announcements."""
        version = self.after.version + len(self.announcements)
        return self._replace(after=replace(self.after, version=version)) if self.announcements else self

    def into(self, groups: tuple[str, ...], routes: tuple[RouteKey, ...]) -> AlertStep:
        """The step with the groups that its routes choose, and an alert that counts its announcements.

        What became worse stays in its groups, so that whoever knows of it hears of that, but for those of a route which
        tells of it in another group by now.
        """
        before, version = self.before, self.after.version + len(self.announcements)
        if before is not None and before.open and self.fires:
            known = zip(before.groups, before.routes, strict=True)
            kept = {key: route for key, route in known if route not in routes}
            kept |= zip(groups, routes, strict=True)
            groups, routes = tuple(kept), tuple(kept.values())
        return self._replace(after=replace(self.after, groups=groups, routes=routes, version=version))


def alert_owner(team: str, fingerprint: str) -> str:
    """Whose row an alert's is: its team, and what derives from its fingerprint."""
    return f"{team}/{derived_text('alert', fingerprint)}"


def snapshot(
    alert: Alert, now: int, version: int, suppression: Suppression | None = None, since: int | None = None
) -> AlertSnapshot:
    """The alert as everybody else sees it at an instant, ms UTC. `since`: when its suppression began, ms UTC."""
    facts, ack, end = alert.facts, alert.acknowledgement, alert.resolution
    return AlertSnapshot(
        id=alert.occurrence.id, fingerprint=facts.fingerprint, rule_id=facts.rule_id, rule=facts.rule,
        status=alert.status, severity=alert.severity, message=_message(alert, now),
        triggered_at=alert.occurrence.triggered_at,
        acknowledged_at=ack.at if ack else None, acknowledged_by=ack.by if ack else None,
        acknowledged_until=ack.until if ack else None,
        resolved_at=end.at if end else None, resolved_by=(end.by or None) if end else None,
        resolution_notes=(end.notes or None) if end else None, assigned_to=alert.assigned_to or None,
        team=facts.team, why_team=facts.why_team, gateway=facts.gateway, labels=facts.labels, groups=alert.groups,
        value=facts.value, runbook=facts.runbook, unknown=facts.unknown, data_quality=facts.data_quality,
        delayed=facts.delayed, anomaly=facts.anomaly, rule_type=facts.rule_type, version=version,
        suppression=suppression, suppressed_since=since,
    )  # fmt: skip


def _message(alert: Alert, now: int) -> str:
    """Its words, with the time of a value that is not of now, or, while it is open, not of its firing: they stay."""
    facts = alert.facts
    since = alert.occurrence.triggered_at
    later = alert.open and facts.valued_at is not None and facts.valued_at - since > FRESH
    return as_of(facts.message, facts.valued_at, now, always=later)
