"""A value beside the thresholds of its rule: which it lies beyond, and how both are written."""

from __future__ import annotations

from streams.documents.condition import SEVERITIES
from streams.documents.rule import Rule
from streams.limit import exceeds, limit_text
from streams.value_text import value_text


def passes(rule: Rule, value: float | None) -> bool:
    """Whether a value lies beyond any threshold of the rule."""
    return value is not None and passed(rule, value, len(SEVERITIES)) >= 0


def passed(rule: Rule, value: float, severity: int) -> int:
    """The worst severity, no worse than another, whose threshold a value lies beyond; −1 where there is none."""
    limits, _, sign = rule.levels()
    ranks = [
        SEVERITIES.index(name) for name in limits if exceeds(value, limits[name], sign, rule.condition.noise)
    ]
    return max((rank for rank in ranks if rank <= severity), default=-1)


def limit_of(rule: Rule, value: float | None, severity: int) -> float | None:
    """The threshold that a value is held against: the worst that it lies beyond, else the severity's own."""
    limits = rule.levels()[0]
    worst = -1 if value is None else passed(rule, value, severity if severity >= 0 else len(SEVERITIES))
    return limits.get(SEVERITIES[worst if worst >= 0 else max(severity, 0)])


def threshold(rule: Rule, severity: int) -> str:
    """`above 90`: the threshold of a severity, or of the mildest that is worse and has one."""
    limits, _, sign = rule.levels()
    ranked = [limits[name] for name in SEVERITIES[severity:] if name in limits] or list(limits.values())
    side = "above" if sign > 0 else "below"
    return f"{side} {limit_text(ranked[0], rule.condition.in_per_cent(ranked[0]))}"


def value(rule: Rule, number: float, severity: int) -> str:
    """A value in the unit of the threshold that it is held against, told from every threshold of the rule."""
    limit = limit_of(rule, number, severity)
    condition, others = rule.condition, _thresholds(rule)
    percent = condition.in_per_cent(min(rule.levels()[0].values()) if limit is None else limit)
    return value_text(number, others, percent, condition.noise)


def reads_alike(rule: Rule, told: float, number: float) -> bool:
    """Whether two values of a rule read the same."""
    others, noise = _thresholds(rule), rule.condition.noise
    return value_text(told, others, noise=noise) == value_text(number, others, noise=noise)


def _thresholds(rule: Rule) -> tuple[float, ...]:
    limits, back, _ = rule.levels()
    return (*limits.values(), *back.values())
