"""What a verdict says in words: the message that people read first, and the reason for it."""

from __future__ import annotations

from streams.duration import spell
from streams.rule import SEVERITIES, Rule
from tables.detect.judge import Cause, State


def number(value: float) -> str:
    """A number as people read it: three significant digits, no exponent where it can be avoided."""
    return f"{value:.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


LONGEST = 500  # characters of a message


def message(rule: Rule, labels: dict[str, str], value: float | None, severity: int) -> str:
    """The rule's own message with its fields filled in, or a good default; cut where labels make it too long."""
    text = _filled(rule, labels, value, severity)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _filled(rule: Rule, labels: dict[str, str], value: float | None, severity: int) -> str:
    limit = rule.levels()[0].get(SEVERITIES[max(severity, 0)])
    shown = "no value" if value is None else _amount(rule, value)
    if rule.message:
        plain = ", ".join(f"{name}={text}" for name, text in sorted(labels.items()))
        return rule.message.format_map(
            {
                "value": shown,
                "threshold": "" if limit is None else _amount(rule, limit),
                "gateway": labels.get("gateway", ""),
                "upstream": labels.get("upstream", ""),
                "labels": plain,
                "rule": rule.name,
            }
        )
    return (
        f"{_subject(rule, labels)} {_what(rule, shown, limit) if severity >= 0 else f'is over, {shown} now'}"
    )


def _amount(rule: Rule, value: float) -> str:
    return f"{number(value * 100)}%" if rule.condition.ratio else number(value)


def _subject(rule: Rule, labels: dict[str, str]) -> str:
    if rule.condition.unreachable:
        return labels.get(rule.condition.unreachable, rule.condition.unreachable)
    about = ", ".join(f"{name} {text}" for name, text in sorted(labels.items()) if name != "gateway")
    return f"{rule.name} on {labels.get('gateway', '?')}" + (f" ({about})" if about else "") + ":"


def _what(rule: Rule, shown: str, limit: float | None) -> str:
    if rule.condition.unreachable:
        return "cannot be reached"
    side = "above" if rule.condition.above is not None else "below"
    over = f" over {spell(rule.condition.over)}" if rule.condition.over else ""
    return f"{shown} is {side} {'?' if limit is None else _amount(rule, limit)}{over}"


def reason(rule: Rule, state: State, cause: int, missed: int) -> str:
    """Why the instance stands where it stands, in one clause."""
    if cause == Cause.ABSENT:
        return f"no value in {missed} frames although its source is alive, and the rule says to alert"
    if cause == Cause.GONE:
        return f"no value in {missed} frames although its source is alive, and the rule says to resolve"
    if cause == Cause.REMOVED:
        return "the rule was deleted, disabled, or no longer covers it"
    if state == State.OK:
        return f"back past its recovery threshold for {spell(rule.keep_firing_for)}"
    return f"past its threshold for {spell(rule.for_)}"
