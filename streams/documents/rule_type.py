"""What kind of rule an alert comes from, read from its condition: what routes may match as `type`.

`internal` are the built-in rules by which Tocsin watches itself.
"""

from __future__ import annotations

from typing import Literal

from streams.documents.conditions.condition import Condition

RuleType = Literal[
    "threshold", "anomaly", "availability", "certificate", "rate_limit", "event", "composite", "internal"
]
_AVAILABILITY = frozenset({"tool_up", "gateway_up", "gateway_ready", "gateway_telemetry_up", "upstream_up"})
_EVENTS: tuple[tuple[frozenset[str], RuleType], ...] = (
    (frozenset({"gateway_offline", "gateway_activated", "tool_offline", "heartbeat"}), "availability"),
    (frozenset({"rate_limit_exceeded", "brute_force_attempt"}), "rate_limit"),
)
_BEGINNINGS: tuple[tuple[str, RuleType], ...] = (
    ("certificate_", "certificate"),
    ("rate_limit_", "rate_limit"),
    ("upstreams_", "availability"),
)


def rule_type(condition: Condition) -> RuleType:
    """The kind of a rule: by how it judges where that is learned, else by what it reads, else a threshold."""
    if condition.composite is not None:
        return "composite"
    if condition.anomaly is not None:
        return "anomaly"
    return _of_series(condition) if condition.event is None else _of_events(condition.event)


def _of_events(types: list[str]) -> RuleType:
    for known, kind in _EVENTS:
        if set(types) <= known:
            return kind
    return "event"


def _of_series(condition: Condition) -> RuleType:
    names = [input.selector.name for input in condition.inputs()]
    if condition.unreachable is not None or set(names) <= _AVAILABILITY:
        return "availability"
    for beginning, kind in _BEGINNINGS:
        if all(name.startswith(beginning) for name in names):
            return kind
    return "event" if condition.count is not None or condition.increase is not None else "threshold"
