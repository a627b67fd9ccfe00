"""What a verdict says in words: the message that people read first, and the reason for it."""

from __future__ import annotations

from datetime import UTC, datetime

from streams.condition import SEVERITIES
from streams.duration import spell
from streams.rule import Rule
from streams.said import Unusual
from tables.anomaly.surprise import Part
from tables.detect.lifecycle import Cause, State


def number(value: float) -> str:
    """A number as people read it: three significant digits, without an exponent where possible; `3.06 M`."""
    short = float(f"{value:.3g}") + 0.0  # nobody writes −0
    for least, prefix in PREFIXES:
        if least <= abs(short) < 1_000 * least:
            return f"{short / least:.3g} {prefix}"
    return f"{value:.0f}" if 1_000 <= abs(short) < PREFIXES[0][0] else f"{short:.3g}"


PREFIXES = (1e6, "M"), (1e9, "G"), (1e12, "T")
LONGEST = 500  # characters of a message
PARTS = {
    Part.DISTANCE: "it lies far from its usual level",
    Part.NEW_VALUE: "a value that was never seen",
    Part.NEW_LEVEL: "a level that was never seen",
    Part.NEW_DEVIATION: "it was never so far off for the hour",
    Part.DRIFT: "it has been leaning {lean} for hours",
}  # of the model, in words
WITHIN = PARTS | {
    Part.DISTANCE: "it was {lately} lately",
    Part.NEW_LEVEL: "its mean over half an hour was never here",
}  # what it says of a value within the band


def message(
    rule: Rule, labels: dict[str, str], value: float | None, severity: int, unusual: Unusual | None = None
) -> str:
    """The rule's own message with its fields filled in, or a good default; cut where labels make it too long."""
    text = _filled(rule, labels, value, severity, unusual)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _filled(
    rule: Rule, labels: dict[str, str], value: float | None, severity: int, unusual: Unusual | None
) -> str:
    limit = rule.levels()[0].get(SEVERITIES[max(severity, 0)])
    shown = "no value" if value is None else _amount(rule, value)
    if rule.message:
        plain = ", ".join(f"{name}={text}" for name, text in sorted(labels.items()))
        return rule.message.format_map(
            {
                "value": shown,
                "threshold": "" if limit is None else number(limit) if unusual else _amount(rule, limit),
                "band": band(rule, unusual) if unusual else "",
                "score": number(unusual.score) if unusual else "",
                "gateway": labels.get("gateway", ""),
                "upstream": labels.get("upstream", ""),
                "labels": plain,
                "rule": rule.name,
            }
        )
    if severity < 0:
        return f"{_subject(rule, labels)} {_close(rule, unusual)}" + (
            "" if value is None else f", {shown} now"
        )
    what = f"{shown}, {_standing(rule, unusual)}" if unusual else _what(rule, value, limit)
    return f"{_subject(rule, labels)} {what}"


def _close(rule: Rule, unusual: Unusual | None) -> str:
    """What an alert's end means: not always that all is well."""
    if unusual is not None and unusual.ended == "lasted":
        return f"has lasted for {spell(rule.condition.learn_while_firing)}, taken for usual from now on"
    return "is over"


def band(rule: Rule, unusual: Unusual) -> str:
    """What was usual, in the signal's own unit, and where the value lies within, what was not."""
    odd = _objection(rule, unusual)
    return _usual(rule, unusual) + (f" (it lies within, but {odd})" if odd else "")


def _usual(rule: Rule, unusual: Unusual) -> str:
    return f"{_amount(rule, unusual.low)} to {_amount(rule, unusual.high)}"


def _within(unusual: Unusual) -> bool:
    return unusual.low <= unusual.value <= unusual.high


def _objection(rule: Rule, unusual: Unusual) -> str:
    """What is unusual of a value that lies within its band; nothing where nothing is, or where it lies outside."""
    least = min(rule.levels()[0].values())
    if not (_within(unusual) and unusual.trail and unusual.trail[-1][-1] > least):
        return ""
    return _part(rule, unusual, WITHIN)


def _part(rule: Rule, unusual: Unusual, words: dict[Part, str]) -> str:
    lately = _amount(rule, unusual.value if unusual.lately is None else unusual.lately)
    return words[Part(unusual.part)].format(lately=lately, lean="high" if unusual.lean > 0 else "low")


def _standing(rule: Rule, unusual: Unusual) -> str:
    """How the value lies to its band."""
    if not _within(unusual):
        return f"where {_usual(rule, unusual)} is usual"
    odd = _objection(rule, unusual)
    return f"within the usual {_usual(rule, unusual)}" + (f", but {odd}" if odd else "")


def _amount(rule: Rule, value: float) -> str:
    condition = rule.condition
    share = condition.ratio or (condition.fraction and condition.signal() == "errors")
    return f"{number(value * 100)}%" if share else number(value)


def _subject(rule: Rule, labels: dict[str, str]) -> str:
    if rule.condition.unreachable:
        return labels.get(rule.condition.unreachable, rule.condition.unreachable)
    about = ", ".join(f"{name} {text}" for name, text in sorted(labels.items()) if name != "gateway")
    return f"{rule.name} on {labels.get('gateway', '?')}" + (f" ({about})" if about else "") + ":"


def _what(rule: Rule, value: float | None, limit: float | None) -> str:
    if rule.condition.unreachable:
        return "cannot be reached"
    if value is None:
        return "no value comes any more"
    side = "above" if rule.condition.above is not None else "below"
    over = f" over {spell(rule.condition.over)}" if rule.condition.over else ""
    return f"{_amount(rule, value)} is {side} {'?' if limit is None else _amount(rule, limit)}{over}"


def reason(
    rule: Rule, state: State, cause: int, missed: int, value: float | None, unusual: Unusual | None = None
) -> str:
    """Why the instance stands where it stands, in one clause."""
    if cause == Cause.ABSENT:
        return f"no value in {missed} frames although its source is alive, and the rule says to alert"
    if cause == Cause.GONE:
        return f"no value in {missed} frames although its source is alive, and the rule says to resolve"
    if cause == Cause.REMOVED:
        anew = (
            ", or learns anew, since it looks at something else" if rule.condition.anomaly is not None else ""
        )
        return f"the rule was deleted, disabled, or no longer covers it{anew}"
    if state == State.OK:
        return _over(rule, value, unusual)
    if unusual is not None:
        return _surprise(rule, unusual)
    return f"past its threshold for {spell(rule.for_)}"


def _over(rule: Rule, value: float | None, unusual: Unusual | None) -> str:
    if value is None and rule.condition.fraction:
        return _too_few(rule)
    if unusual is not None:
        return _end(rule, unusual)
    return f"back past its recovery threshold for {spell(rule.keep)}"


def _surprise(rule: Rule, unusual: Unusual) -> str:
    usual = f"{_amount(rule, unusual.value)} {_standing(rule, unusual)}"
    since = "" if unusual.since is None else f", since {instant(unusual.since)}"
    least = number(min(rule.levels()[0].values()))
    part = "" if _within(unusual) else f"; most unusual: {_part(rule, unusual, PARTS)}"
    return f"score {number(unusual.score)}, threshold {least}: {usual}{since}{part}"


def _too_few(rule: Rule) -> str:
    least, over = rule.condition.at_least, spell(rule.condition.window)
    return (
        f"too few calls to judge: fewer than {number(least)} in {over}"
        if least
        else f"no calls to judge in {over}"
    )


def _end(rule: Rule, unusual: Unusual) -> str:
    usual = f"{_amount(rule, unusual.value)} {_standing(rule, unusual)}"
    if unusual.ended == "dismissed":
        return f"somebody said that it is no anomaly: {usual}"
    if unusual.ended == "lasted":
        lasted = spell(rule.condition.learn_while_firing)
        return (
            f"it has lasted for {lasted} without getting worse, and is told again only where it does: {usual}"
        )
    side = "" if _within(unusual) else " on the side that the rule minds"
    return f"no longer unusual for {spell(rule.keep)}{side}: {usual}"


def instant(at: int) -> str:
    """An instant, ms UTC, as people read it."""
    return datetime.fromtimestamp(at / 1_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
