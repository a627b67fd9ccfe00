"""What is said of a value that is a change: since when it is one, what there is now and what there was then."""

from __future__ import annotations

from streams.documents.conditions.compared import earlier
from streams.documents.rule import Rule
from streams.text.value_text import value_text
from tables.detect.instances import comparison


def against(rule: Rule, change: float, then: float | None) -> str:
    """`against a day earlier (38 instead of 100)`; "" where the rule compares with nothing earlier."""
    length = rule.condition.compared_to
    if not length:
        return ""
    both = (
        ""
        if then is None
        else f" ({now_text(rule, change, then)} instead of {then_text(rule, change, then)})"
    )
    return f" against {earlier(length)} earlier{both}"


def now_text(rule: Rule, change: float | None, then: float | None) -> str:
    """The value that has changed so far since then; "no value" where that is not known."""
    now = _now(rule, change, then)
    return "no value" if now is None or then is None else _text(rule, now, (then,))


def then_text(rule: Rule, change: float | None, then: float | None) -> str:
    """The value then; "no value" where that is not known. The two are told apart where they differ."""
    now = _now(rule, change, then)
    return "no value" if then is None else _text(rule, then, () if now is None else (now,))


def _now(rule: Rule, change: float | None, then: float | None) -> float | None:
    if change is None or then is None:
        return None
    return then + change * abs(then) if rule.condition.relative else then + change


def nothing(rule: Rule) -> str:
    """That there is nothing to compare with."""
    return f"no comparison: {earlier(rule.condition.compared_to)} earlier it was not watched, or was nought"


def held(rule: Rule) -> str:
    """The same, as the reason why an instance stands where it stands."""
    return f"{nothing(rule)}; the state is held as it was"


def _text(rule: Rule, number: float, other: tuple[float, ...]) -> str:
    return comparison.with_unit(rule, value_text(number, other, percent=rule.condition.ratio is not None))
