"""What a verdict says in words: the message that people read first, and the reason for it.

Every sentence is held against the value before it is said: what no longer breaches is not called a breach.
"""

from __future__ import annotations

from typing import NamedTuple

from streams.calendar.duration import spell
from streams.documents.conditions.threshold import SEVERITIES
from streams.documents.rule import Rule
from streams.messages.verdict import AnomalyReading
from streams.text.value_text import hour, value_text
from tables.detect.anomaly import anomaly_text
from tables.detect.budget.state import Burn
from tables.detect.instances import comparison
from tables.detect.instances.lifecycle import State
from tables.detect.verdicts import burn_text, change_text
from tables.detect.verdicts.subject import subject

FAR = 365 * 86_400_000  # ms; whoever looks further ahead guesses
LONGEST = 500  # characters of a message


class Reading(NamedTuple):
    """What is known of an instance when it is told of.

    `severity`: the one that is told, −1 where it is over; `value`: None where there is none, at event ms `at`;
    `beyond`: the last value beyond a threshold, None where there was none, at event ms `beyond_at`; `passed`: event ms
    since which its severity's threshold has been passed, None where it is not; `missed`: frames without a value, after
    which the rule says what to do; `absent`: whether that came; `now`: ms; `first`: the value with which the breach
    began, at event ms `since`; `then`: the value that it is compared with, where the rule compares with an earlier one,
    `beyond_then`: the one that `beyond` was compared with;
    `burn`: how the error budget burns, of a rule about one; `watched`: whether its window has been watched in full;
    `stopped`: whether nobody feeds it any more, since its source was stopped.
    """

    state: State
    cause: int
    severity: int
    value: float | None
    at: int
    now: int
    beyond: float | None = None
    beyond_at: int = 0
    passed: int | None = None
    missed: int = 0
    absent: bool = False
    unusual: AnomalyReading | None = None
    first: float | None = None
    since: int = 0
    then: float | None = None
    beyond_then: float | None = None
    burn: Burn | None = None
    watched: bool = True
    stopped: bool = False


class Message(NamedTuple):
    """What people read first; `valued_at`: event ms of what it says, None where it says so itself."""

    text: str
    valued_at: int | None = None


def message(rule: Rule, labels: dict[str, str], reading: Reading, cause: str = "") -> Message:
    """The rule's own message with its fields filled in, or a good default; cut where labels make it too long.

    `cause`: why, in the gateway's words; it follows while the alert fires.
    """
    text, valued_at = _own(rule, labels, reading) if rule.message else _default(rule, labels, reading)
    if cause and reading.severity >= 0:
        text = f"{text.removesuffix('.')} ({cause})" + ("." if text.endswith(".") else "")
    return Message(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…", valued_at)


def _default(rule: Rule, labels: dict[str, str], reading: Reading) -> Message:
    about, unusual, value = subject(rule, labels), reading.unusual, reading.value
    if reading.severity < 0:
        close = f"{about} {anomaly_text.close(rule, unusual)}"
        if value is None or rule.condition.unreachable or rule.condition.burn_rate:
            return Message(close if reading.burn is None else f"{close}; {burn_text.left(reading.burn)}")
        return Message(f"{close}, last value {_value(rule, reading)}", _valued_at(reading))
    if unusual is not None:
        what = f"{anomaly_text.value(rule, unusual)}, {anomaly_text.standing(rule, unusual)}"
        return Message(f"{about} {what}", unusual.at)
    if reading.burn is not None:
        return Message(f"{about} {burn_text.standing(rule, reading.burn, reading.severity)}", reading.burn.at)
    if reading.absent or value is None:
        return Message(f"{about} {_before(rule, reading)}{_nothing(rule, reading)}")
    what = _reached(rule, value) if rule.condition.unreachable else _compared(rule, reading, value)
    return Message(f"{about} {what}", reading.at)


def _own(rule: Rule, labels: dict[str, str], reading: Reading) -> Message:
    """The rule's own message; where it would say something of the past, it says of when that is."""
    if reading.burn is not None and not burn_text.holds(reading.burn, reading.severity):
        return _default(rule, labels, reading)
    holds = reading.severity >= 0 and comparison.passes(rule, reading.value)
    if reading.unusual is not None or reading.burn is not None or reading.beyond is None or holds:
        known = reading.value is not None
        return Message(_filled(rule, labels, reading, reading.value), _valued_at(reading) if known else None)
    if rule.condition.compared_to and reading.beyond_then is None:
        return _default(rule, labels, reading)  # what it was compared with is not known any more
    then = reading._replace(value=reading.beyond, at=reading.beyond_at, then=reading.beyond_then)
    text = _filled(rule, labels, then, reading.beyond)
    return Message(f"{text} (at {hour(reading.beyond_at, reading.now)}; {_since_then(rule, reading)})")


def _since_then(rule: Rule, reading: Reading) -> str:
    """What has become of what a message says."""
    shown = reading.value is not None and not rule.condition.unreachable
    if reading.severity < 0:
        return f"over, last value {_value(rule, reading)}" if shown else "over"
    if reading.value is None:
        return _nothing(rule, reading)
    now = f"{_value(rule, reading)} at {hour(reading.at, reading.now)}, " if shown else ""
    return f"{now}no longer {comparison.threshold(rule, 0)}"


def _filled(rule: Rule, labels: dict[str, str], reading: Reading, value: float | None) -> str:
    unusual = reading.unusual
    if unusual is not None:
        shown, (score, threshold) = anomaly_text.value(rule, unusual), anomaly_text.score(rule, unusual)
    elif (burn := reading.burn) is not None:
        shown, score = burn_text.rate(burn, reading.severity), ""
        threshold = burn_text.limit(burn, reading.severity)
    else:
        shown, score = "no value" if value is None else _value(rule, reading._replace(value=value)), ""
        threshold = comparison.limit_words(rule, value, reading.severity)
    return rule.message.format_map(
        {
            "value": shown,
            "threshold": threshold,
            "band": anomaly_text.band(rule, unusual) if unusual else "",
            "score": score,
            "gateway": labels.get("gateway", ""),
            "upstream": labels.get("upstream", ""),
            "labels": ", ".join(f"{name}={text}" for name, text in sorted(labels.items())),
            "rule": rule.name,
            "time_left": time_left(rule, reading),
            "now": change_text.now_text(rule, value, reading.then),
            "then": change_text.then_text(rule, value, reading.then),
        }
    )


def time_left(rule: Rule, reading: Reading) -> str:
    """When the value will be too much, at the pace since the breach began, as a length of time."""
    if reading.burn is not None:
        return burn_text.time_left(reading.burn, reading.severity)
    end, limit = rule.condition.reaches, comparison.limit_of(rule, reading.value, reading.severity)
    if end is None or limit is None or reading.value is None or reading.first is None:
        return "an unknown time"
    moved, rest = reading.value - reading.first, end - reading.value
    if rest * (end - limit) <= 0:
        return "no time"  # it is there
    if moved * rest <= 0 or reading.at <= reading.since:
        return "an unknown time"  # it does not come nearer
    left = rest / moved * (reading.at - reading.since)
    unit = next((unit for unit in (86_400_000, 3_600_000, 60_000) if left >= 2 * unit), 1_000)
    return f"about {spell(max(round(left / unit), 1) * unit)}" if left <= FAR else "more than a year"


def _valued_at(reading: Reading) -> int:
    return reading.at if reading.unusual is None else reading.unusual.at


def _nothing(rule: Rule, reading: Reading) -> str:
    """That there is no value to compare."""
    if not reading.absent:
        if rule.condition.compared_to:
            return change_text.nothing(rule)
        if not reading.watched:
            return unwatched(rule)
        return too_few(rule) if rule.condition.fraction else "there is no value at present"
    return "no value comes any more"


def _before(rule: Rule, reading: Reading) -> str:
    """What was wrong before nothing was known any more, where its window has to be watched again first."""
    if reading.watched or reading.absent or reading.beyond is None or rule.condition.compared_to:
        return ""
    then = _compared(rule, reading._replace(value=reading.beyond), reading.beyond)
    return f"{then} (at {hour(reading.beyond_at, reading.now)}); "


def _reached(rule: Rule, value: float) -> str:
    return (
        "cannot be reached"
        if comparison.passes(rule, value)
        else f"can be reached again, but not yet for {spell(rule.keep)}"
    )


def _compared(rule: Rule, reading: Reading, value: float) -> str:
    """A value beside the worst threshold that it lies beyond, or beside the one that it lies beyond no longer."""
    over = f" over {spell(rule.condition.over)}" if rule.condition.over else ""
    shown, passed = _value(rule, reading), comparison.passed(rule, value, reading.severity)
    shown += change_text.against(rule, value, reading.then)
    if passed >= 0:
        worse = passed < reading.severity and SEVERITIES[reading.severity] in rule.levels()[0]
        eased = f", no longer {comparison.threshold(rule, reading.severity)}" if worse else ""
        return f"{shown} is {comparison.threshold(rule, passed)}{over}{eased}"
    held = comparison.held(rule, value)
    margin = f", not yet back at {held}" if held else ""
    return f"{shown} is no longer {comparison.threshold(rule, 0)}{over}{margin}"


def _value(rule: Rule, reading: Reading) -> str:
    if reading.unusual is not None:
        return anomaly_text.value(rule, reading.unusual)
    assert reading.value is not None
    return comparison.value(rule, reading.value, reading.severity)


def unwatched(rule: Rule) -> str:
    """That what there is of the window, or of the group, says nothing yet."""
    if not rule.condition.window:
        return "some of its series have not been heard since"
    return f"its window of {spell(rule.condition.window)} has not been watched in full since"


def too_few(rule: Rule) -> str:
    """That the denominator of a ratio is too small."""
    least, over = rule.condition.at_least, spell(rule.condition.window)
    return (
        f"too few calls to judge: fewer than {value_text(least)} in {over}"
        if least
        else f"no calls to judge in {over}"
    )
