"""Why an instance stands where it stands, in words."""

from __future__ import annotations

from streams.calendar.duration import spell
from streams.documents.rule import Rule
from tables.detect.anomaly import anomaly_text
from tables.detect.instances import comparison
from tables.detect.instances.lifecycle import Cause, State
from tables.detect.verdicts import burn_text, change_text
from tables.detect.verdicts.verdict_text import Reading, too_few, unwatched


def reason(rule: Rule, reading: Reading) -> str:
    """Why the instance stands where it stands, in one clause."""
    if reading.cause in (Cause.ABSENT, Cause.GONE, Cause.REMOVED):
        return _told(rule, reading)
    if reading.value is None and (
        rule.condition.fraction or rule.condition.compared_to or not reading.watched
    ):
        return _unjudged(rule, reading)
    if reading.unusual is not None:
        of = anomaly_text.end if reading.state == State.OK else anomaly_text.surprise
        return of(rule, reading.unusual)
    if reading.burn is not None and reading.severity >= 0:
        return burn_text.standing(rule, reading.burn, reading.severity)
    return _past(rule, reading)


def _told(rule: Rule, reading: Reading) -> str:
    """What has moved it that is no value."""
    frames = f"no value in {reading.missed} frames although its source is alive, and the rule says to"
    if reading.cause != Cause.REMOVED:
        return f"{frames} {'alert' if reading.cause == Cause.ABSENT else 'resolve'}"
    if reading.stopped:
        return "its source was stopped on purpose"
    anew = ", or learns anew, since it looks at something else" if rule.condition.anomaly is not None else ""
    return f"the rule was deleted, disabled, or no longer covers it{anew}"


def _unjudged(rule: Rule, reading: Reading) -> str:
    """Why there is no value to judge."""
    if rule.condition.compared_to:
        return change_text.held(rule)
    return too_few(rule) if reading.watched else f"{unwatched(rule)}; the state is held as it was"


def _past(rule: Rule, reading: Reading) -> str:
    """How long thresholds have been passed, or are passed no longer."""
    margin = rule.condition.recover is not None
    back = "back past its recovery threshold" if margin else "no longer past its threshold"
    if reading.state == State.OK:
        return f"{back}{_for(rule.keep)}"
    if reading.cause == Cause.EASED:
        return f"no longer past a worse threshold{_for(rule.keep)}"
    if reading.state == State.RECOVERING:
        return f"{back}, but not yet{_for(rule.keep)}"
    if not comparison.passes(rule, reading.value):
        return "it was past its threshold, and is not back past its recovery threshold yet"
    if reading.cause == Cause.BREACH:
        return "past its threshold again"
    lasts = rule.for_ if reading.passed is None else min(rule.for_, max(reading.now - reading.passed, 0))
    return f"past its threshold{_for(lasts // 1_000 * 1_000 if lasts < rule.for_ else lasts)}"


def _for(length: int) -> str:
    """How long, in words; nothing where it is no time at all."""
    return f" for {spell(length)}" if length else ""
