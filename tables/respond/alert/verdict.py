"""What a verdict makes of an alert: it fires, becomes worse or milder, ends, or was missed."""

from __future__ import annotations

from msgspec.structs import replace

from streams.codes import AlertReason
from streams.documents.document import derived_text
from streams.messages.verdict import Verdict, Verdicts
from tables.kernel.clock import Moment
from tables.respond.alert.lifecycle import RANK, TRANSITIONS, Cause, Status
from tables.respond.alert.state import (
    Alert,
    AlertStep,
    Announcement,
    Facts,
    Occurrence,
    Resolution,
    closed,
    retained_until,
)

MANUAL_RESOLVE_GRACE = 1_800_000  # ms that whoever resolves an alert is believed, whatever detect says


def concerns(alert: Alert | None, verdict: Verdict) -> bool:
    """Whether a verdict says anything of what we know: that nothing is wrong calls no row into being."""
    return alert is not None or verdict.state == "firing" or verdict.missed


def on_verdict(
    alert: Alert | None, verdicts: Verdicts, verdict: Verdict, moment: Moment, born: int
) -> AlertStep | None:
    """What one verdict makes of an alert, None for nothing: the highest sequence wins, so duplicates change nothing.

    `born`: the offset that called its row into being.
    """
    if alert is not None and verdict.sequence <= alert.sequence and not _repeats(alert, verdict):
        return None
    if alert is not None and alert.open and verdict.sequence == alert.sequence:
        return _renewed(alert, verdict)
    if alert is not None and _believed(alert, verdict, moment):
        return AlertStep(alert, _kept(alert, verdict, moment))
    return _judged(alert, verdicts, verdict, moment, born)


def _judged(
    alert: Alert | None, verdicts: Verdicts, verdict: Verdict, moment: Moment, born: int
) -> AlertStep | None:
    """What a verdict makes of an alert that says something new of it."""
    facts = _facts(verdicts, verdict)
    if verdict.state == "firing":
        return _fire(alert, facts, verdict, moment, born)
    if alert is not None and alert.open:
        known = replace(alert, facts=facts, sequence=verdict.sequence)
        after = closed(known, Cause.CLEAR, "", "", verdict.reason, moment)
        announcement = Announcement("resolved", verdict.reason, code=AlertReason.CLEARED)
        return AlertStep(alert, after, (announcement,), moved=True)
    if verdict.missed:
        return _missed(alert, facts, verdict, moment, born)
    return AlertStep(alert, _cleared(alert, facts, verdict)) if alert else None


def _repeats(alert: Alert, verdict: Verdict) -> bool:
    """Whether a verdict says again what the newest one of an alert said: detect goes on calling it wrong."""
    return verdict.refresh and verdict.sequence == alert.sequence


def _same_breach(alert: Alert, verdict: Verdict) -> str:
    """Who resolved what a verdict calls wrong; "" where detect ended it in between, or it has begun since then."""
    end = alert.resolution
    begun = end is None or end.cleared or verdict.state != "firing" or verdict.since > end.at
    return "" if begun or end is None else end.by


def _believed(alert: Alert, verdict: Verdict, moment: Moment) -> bool:
    """Whether the person who resolved an alert is believed still: it is no worse, and not seen to hold after a while.

    A source that is silent, a value that is milder and a series that is gone say nothing new of what is fixed.
    """
    if alert.resolution is None or not _same_breach(alert, verdict):
        return False
    if RANK[verdict.severity] > RANK[alert.severity]:
        return False
    return bool(verdict.unknown) or moment.now - alert.resolution.at < MANUAL_RESOLVE_GRACE


def _kept(alert: Alert, verdict: Verdict, moment: Moment) -> Alert:
    """The alert as a person closed it, with the end of its row put off."""
    assert alert.resolution is not None
    until = retained_until(alert.facts.fingerprint, moment.active)
    return replace(
        alert, sequence=verdict.sequence, resolution=replace(alert.resolution, retained_until=until)
    )


def _cleared(alert: Alert, facts: Facts, verdict: Verdict) -> Alert:
    """The closed alert of which detect says too that it is over: what fires next is new."""
    end = replace(alert.resolution, cleared=True) if alert.resolution is not None else None
    return replace(alert, facts=facts, sequence=verdict.sequence, resolution=end)


def _renewed(alert: Alert, verdict: Verdict) -> AlertStep:
    """The open alert with the present value, which a refresh brings: whoever is told next reads that one."""
    facts = replace(alert.facts, message=verdict.message, value=verdict.value, valued_at=verdict.valued_at)
    return _with_value(AlertStep(alert, replace(alert, facts=facts)), alert)


def _with_value(step: AlertStep, alert: Alert) -> AlertStep:
    """Another value is no news for people; but the product's memory shows the present one."""
    facts, before = step.after.facts, alert.facts
    if step.announcements or (facts.message, facts.value) == (before.message, before.value):
        return step
    announcement = Announcement(
        "renewed", f"its value is another one: {facts.message}", code=AlertReason.NEWER_VALUE
    )
    return step._replace(announcements=(announcement,))


def _facts(verdicts: Verdicts, verdict: Verdict) -> Facts:
    return Facts(
        fingerprint=verdict.fingerprint, rule_id=verdict.rule_id, rule=verdict.rule, gateway=verdict.gateway,
        labels=verdict.labels, message=verdict.message, value=verdict.value, valued_at=verdict.valued_at,
        runbook=verdict.runbook, unknown=verdict.unknown, data_quality=verdict.data_quality,
        delayed=verdict.delayed, since=verdict.since, anomaly=verdict.anomaly, team=verdicts.team,
        why_team=verdicts.why_team, routing=verdict.routing, escalation_policy=verdict.escalation_policy,
        rule_team=verdict.rule_team, moved_to=verdict.moved_to, rule_type=verdict.rule_type,
        shadow=verdict.shadow,
    )  # fmt: skip


def _fire(alert: Alert | None, facts: Facts, verdict: Verdict, moment: Moment, born: int) -> AlertStep:
    if alert is None or not alert.open:
        began = verdict.since if verdict.delayed else moment.now
        after = _start_occurrence(alert, facts, verdict, Status.FIRING, began, moment, born)
        return AlertStep(alert, after, (_fired(alert, verdict),), moved=True, fires=True)
    after = replace(alert, facts=facts, sequence=verdict.sequence, severity=verdict.severity)
    step = AlertStep(alert, after)
    if RANK[verdict.severity] > RANK[alert.severity]:
        step = _worsen(alert, after, verdict, moment)
    elif verdict.severity != alert.severity:
        step = _ease(alert, after, verdict, moment)
    return _with_value(_with_data_quality(step, alert, verdict), alert)


def _fired(alert: Alert | None, verdict: Verdict) -> Announcement:
    """Why it fires; where a person had resolved the same breach, who it was and what is against it."""
    by = _same_breach(alert, verdict) if alert is not None else ""
    if alert is None or not by:
        return Announcement("fired", verdict.reason, code=AlertReason.HOLDS)
    if RANK[verdict.severity] > RANK[alert.severity]:
        words = f"{by} resolved it, but it got worse: {verdict.reason}"
        return Announcement("fired", words, code=AlertReason.SEVERITY_ROSE)
    still = "" if verdict.refresh else "it still holds: "  # which a refresh says itself
    return Announcement(
        "fired", f"{by} resolved it, but {still}{verdict.reason}", code=AlertReason.STILL_HOLDS
    )


def _worsen(alert: Alert, after: Alert, verdict: Verdict, moment: Moment) -> AlertStep:
    """Whoever has it, or has put it off, meant something milder."""
    status = TRANSITIONS[alert.status, Cause.WORSEN]
    after = replace(
        after, status=status, acknowledgement=None, snooze=None, acknowledgeable_after=moment.offset
    )
    words = f"severity rose to {verdict.severity}: {verdict.reason}"
    announcement = Announcement("worsened", words, code=AlertReason.SEVERITY_ROSE)
    return AlertStep(alert, after, (announcement,), moved=True, fires=True)


def _ease(alert: Alert, after: Alert, verdict: Verdict, moment: Moment) -> AlertStep:
    """It is milder; only what is critical is held for a limited time."""
    if (ack := after.acknowledgement) is not None:
        after = replace(after, acknowledgement=replace(ack, until=None, expires=None))
    after = replace(after, acknowledgeable_after=moment.offset, rerouted_offset=moment.offset)
    words = f"severity fell to {verdict.severity}: {verdict.reason}"
    announcement = Announcement("updated", words, code=AlertReason.SEVERITY_FELL)
    return AlertStep(alert, after, (announcement,), moved=True, eased=True)


def _with_data_quality(step: AlertStep, alert: Alert, verdict: Verdict) -> AlertStep:
    """Nobody is called for doubts: what cannot be seen has an alert of its own."""
    if verdict.data_quality == alert.facts.data_quality:
        return step
    words = "; ".join(verdict.data_quality) or "nothing casts doubt on it any more"
    what, code = "confirmed", AlertReason.CERTAIN
    if verdict.data_quality:
        what, code = "doubted", AlertReason.DOUBTED
    announcement = Announcement(what, words, code=code)
    return step._replace(announcements=(*step.announcements, announcement))


def _missed(alert: Alert | None, facts: Facts, verdict: Verdict, moment: Moment, born: int) -> AlertStep:
    began = verdict.since if verdict.delayed else moment.now
    after = _start_occurrence(alert, facts, verdict, Status.RESOLVED, began, moment, born)
    until = retained_until(facts.fingerprint, moment.active)
    after = replace(after, resolution=Resolution(verdict.at, "", "", verdict.reason, until))
    announcement = Announcement("missed", verdict.reason, code=AlertReason.WHILE_AWAY)
    return AlertStep(alert, after, (announcement,), missed=True)


def _start_occurrence(
    alert: Alert | None, facts: Facts, verdict: Verdict, status: Status, began: int, moment: Moment, born: int
) -> Alert:
    number = alert.occurrence.number + 1 if alert else 1
    id = derived_text("alert", facts.team, facts.fingerprint, str(born), str(number))
    return Alert(
        sequence=verdict.sequence, facts=facts, status=status, severity=verdict.severity,
        occurrence=Occurrence(id, number, began, moment.offset), acknowledgeable_after=moment.offset,
        version=alert.version if alert else 0,
    )  # fmt: skip
