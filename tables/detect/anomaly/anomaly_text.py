"""What a verdict says of an anomaly in words: the band that was usual, how the value lies to it, and why."""

from __future__ import annotations

from datetime import UTC, datetime

from streams.calendar.duration import spell
from streams.documents.rule import Rule
from streams.limit import limit_text
from streams.messages.verdict import AnomalyReading
from streams.text.value_text import value_text
from tables.anomaly.surprise import Part

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


def value(rule: Rule, unusual: AnomalyReading) -> str:
    """The value of the latest row, told from its band and from what it was lately."""
    others = (
        (unusual.low, unusual.high) if unusual.lately is None else (unusual.low, unusual.high, unusual.lately)
    )
    return value_text(unusual.value, others, rule.condition.in_per_cent(None))


def band(rule: Rule, unusual: AnomalyReading) -> str:
    """What was usual, in the signal's own unit, and where the value lies within, what was not."""
    odd = _objection(rule, unusual)
    return _usual(rule, unusual) + (f" (it lies within, but {odd})" if odd else "")


def score(rule: Rule, unusual: AnomalyReading) -> tuple[str, str]:
    """The score and the threshold that it is held against, which is the lowest."""
    least = float(min(rule.levels()[0].values()))
    return value_text(unusual.score, (least,)), limit_text(least, False)


def standing(rule: Rule, unusual: AnomalyReading) -> str:
    """How the value lies to its band."""
    if not within(unusual):
        return f"where {_usual(rule, unusual)} is usual"
    odd = _objection(rule, unusual)
    return f"within the usual {_usual(rule, unusual)}" + (f", but {odd}" if odd else "")


def within(unusual: AnomalyReading) -> bool:
    """Whether the value lies within its band."""
    return unusual.low <= unusual.value <= unusual.high


def close(rule: Rule, unusual: AnomalyReading | None) -> str:
    """What an alert's end means: not always that all is well."""
    if unusual is not None and unusual.ended == "lasted":
        return f"has lasted for {spell(rule.condition.learn_while_firing)}, taken for usual from now on"
    return "is over"


def surprise(rule: Rule, unusual: AnomalyReading) -> str:
    """Why it fires."""
    usual = f"{value(rule, unusual)} {standing(rule, unusual)}"
    since = "" if unusual.since is None else f", since {_instant(unusual.since)}"
    part = "" if within(unusual) else f"; most unusual: {_part(rule, unusual, PARTS)}"
    told, least = score(rule, unusual)
    return f"score {told}, threshold {least}: {usual}{since}{part}"


def end(rule: Rule, unusual: AnomalyReading) -> str:
    """Why it fires no longer."""
    usual = f"{value(rule, unusual)} {standing(rule, unusual)}"
    if unusual.ended == "dismissed":
        return f"somebody said that it is no anomaly: {usual}"
    if unusual.ended == "lasted":
        lasted = spell(rule.condition.learn_while_firing)
        return (
            f"it has lasted for {lasted} without getting worse, and is told again only where it does: {usual}"
        )
    side = "" if within(unusual) else " on the side that the rule minds"
    return f"no longer unusual for {spell(rule.keep)}{side}: {usual}"


def _usual(rule: Rule, unusual: AnomalyReading) -> str:
    percent, others = rule.condition.in_per_cent(None), (unusual.value,)
    return f"{value_text(unusual.low, others, percent)} to {value_text(unusual.high, others, percent)}"


def _objection(rule: Rule, unusual: AnomalyReading) -> str:
    """What is unusual of a value that lies within its band; nothing where nothing is, or where it lies outside."""
    least = min(rule.levels()[0].values())
    if not (within(unusual) and unusual.recent_points and unusual.recent_points[-1][-1] > least):
        return ""
    return _part(rule, unusual, WITHIN)


def _part(rule: Rule, unusual: AnomalyReading, words: dict[Part, str]) -> str:
    before = unusual.value if unusual.lately is None else unusual.lately
    lately = value_text(before, (unusual.value,), rule.condition.in_per_cent(None))
    return words[Part(unusual.part)].format(lately=lately, lean="high" if unusual.lean > 0 else "low")


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
