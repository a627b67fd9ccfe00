"""A value beside the thresholds of its rule: which it lies beyond, and how both are written."""

from __future__ import annotations

from streams.documents.conditions.threshold import SEVERITIES, WORDS, Band
from streams.documents.rule import Rule
from streams.limit import exceeds, limit_text
from streams.messages.envelope import Severity
from streams.text.value_text import value_text


def passes(rule: Rule, value: float | None) -> bool:
    """Whether a value lies beyond any threshold of the rule."""
    return value is not None and passed(rule, value, len(SEVERITIES)) >= 0


def passed(rule: Rule, value: float, severity: int) -> int:
    """The worst severity, no worse than another, whose threshold a value lies beyond; −1 where there is none."""
    ranks = [SEVERITIES.index(name) for name in _breached(rule, value)]
    return max((rank for rank in ranks if rank <= severity), default=-1)


def _breached(rule: Rule, value: float) -> list[Severity]:
    condition, (limits, _, sign) = rule.condition, rule.levels()
    noise = condition.noise
    if bands := rule.bands():
        return [name for name in bands if bands[name].breached(value, condition.within, noise)]
    return [name for name in limits if exceeds(value, limits[name], sign, noise, condition.inclusive)]


def held(rule: Rule, value: float) -> str:
    """The recovery threshold that a value is not back past, as it was written; "" where there is none."""
    condition, (beyond, back, sign) = rule.condition, rule.levels()
    if not sign:
        return ""
    limits = [
        limit
        for name, limit in back.items()
        if exceeds(value, limit, sign, condition.noise, condition.inclusive and limit == beyond[name])
    ]
    return _text(rule, limits[0]) if limits else ""


def limit_of(rule: Rule, value: float | None, severity: int) -> float | None:
    """The threshold that a value is held against: the worst that it lies beyond, else the severity's own."""
    return rule.levels()[0].get(_held_against(rule, value, severity))


def limit_words(rule: Rule, value: float | None, severity: int) -> str:
    """The same as it was written; "" where there is none."""
    limit, bands = limit_of(rule, value, severity), rule.bands()
    if limit is None:
        return ""
    return _span(rule, bands[_held_against(rule, value, severity)]) if bands else _text(rule, limit)


def _held_against(rule: Rule, value: float | None, severity: int) -> Severity:
    """The severity whose threshold a value is held against."""
    worst = -1 if value is None else passed(rule, value, severity if severity >= 0 else len(SEVERITIES))
    return SEVERITIES[worst if worst >= 0 else max(severity, 0)]


def threshold(rule: Rule, severity: int) -> str:
    """`above 90`: the threshold of a severity, or of the mildest that is worse and has one."""
    side = WORDS[rule.condition.comparison or "below"]
    if bands := rule.bands():
        spans = [bands[name] for name in SEVERITIES[severity:] if name in bands] or list(bands.values())
        return f"{side} {_span(rule, spans[0])}"
    limits, _, _ = rule.levels()
    ranked = [limits[name] for name in SEVERITIES[severity:] if name in limits] or list(limits.values())
    return f"{side} {_text(rule, ranked[0])}"


def _span(rule: Rule, band: Band) -> str:
    low = _text(rule, band.low)
    return low if band.low == band.high else f"{low} to {_text(rule, band.high)}"


def _text(rule: Rule, limit: float) -> str:
    return with_unit(rule, limit_text(limit, rule.condition.in_per_cent(limit)))


def with_unit(rule: Rule, text: str) -> str:
    """A number with the rule's unit behind it, where it has none of its own."""
    unit = rule.condition.unit
    return f"{text} {unit}" if unit and not text.endswith("%") and " " not in text else text


def value(rule: Rule, number: float, severity: int) -> str:
    """A value in the unit of the threshold that it is held against, told from every threshold of the rule."""
    limit = limit_of(rule, number, severity)
    condition, others = rule.condition, _thresholds(rule)
    percent = condition.in_per_cent(min(rule.levels()[0].values()) if limit is None else limit)
    return with_unit(rule, value_text(number, others, percent, condition.noise))


def reads_alike(rule: Rule, told: float, number: float) -> bool:
    """Whether two values of a rule read the same."""
    others, noise = _thresholds(rule), rule.condition.noise
    return value_text(told, others, noise=noise) == value_text(number, others, noise=noise)


def _thresholds(rule: Rule) -> tuple[float, ...]:
    limits, back, _ = rule.levels()
    ends = (end for band in rule.bands().values() for end in band)
    return (*limits.values(), *back.values(), *ends)
