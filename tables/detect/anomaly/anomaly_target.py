"""What a model is asked about: one instance of an anomaly rule, its options, and whose model it is."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, NamedTuple

from tables.anomaly.kind import Kind
from tables.anomaly.options import Direction, Options, Seasonality, Sensitivity
from tables.detect.aggregate.compiled_rule import CompiledRule

AWAITED = 600_000  # ms; a member of a group that a model learns, before the others go on without it


class AnomalyTarget(NamedTuple):
    """One instance of an anomaly rule.

    `row`: ms of a row; `bar`: the lowest score that is an alert; `back`: the one up to which it is none any more;
    `counts`: whether its values are increases; `shares`: whether they are of a ratio; `dismissed`: ms at which somebody
    said that it was no anomaly.

    `identity` names what is learned: the model of another rule, series or signal is of no use to it.
    """

    identity: str
    options: Options
    row: int
    counts: bool
    shares: bool
    bar: float
    back: float
    rule: str
    key: str
    dismissed: tuple[int, ...] = ()


def subject(compiled: CompiledRule, key: str) -> AnomalyTarget:
    """The instance of a rule with this key."""
    condition, kind = compiled.rule.condition, compiled.rule.condition.signal()
    counts, (beyond, back, _) = kind == "counter", compiled.rule.levels()
    of, *about = learned(compiled)
    return AnomalyTarget(
        blake2b(repr((of, key, *about)).encode(), digest_size=8).hexdigest(),
        _options(compiled, Kind.RATE if counts else Kind(kind)),
        condition.row,
        counts,
        condition.fraction is not None,
        min(beyond.values()),
        min(back.values()),
        compiled.rule.name,
        key,
    )


def learned(compiled: CompiledRule) -> tuple[Any, ...]:
    """What an anomaly rule learns about; what was learned of something else is of no use to it."""
    condition = compiled.rule.condition
    of = " / ".join(text for _, _, text in compiled.read)
    about = (of, condition.signal(), condition.row, condition.window, condition.at_least)
    return compiled.id, *about


def _options(compiled: CompiledRule, kind: Kind) -> Options:
    condition = compiled.rule.condition
    return Options(
        kind=kind,
        direction=Direction(condition.direction) if condition.direction else None,
        sensitivity=Sensitivity(condition.sensitivity),
        seasonality=Seasonality(condition.seasonality),
        history=condition.minimum_history,
        quiet=condition.quiet,
        learn_limit=condition.learn_while_firing,
    )
