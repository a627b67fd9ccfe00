"""Which instances of a gateway have a model, and what people said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from streams.documents.dismissal import Dismissal
from streams.documents.document import PLATFORM, Owned
from streams.telemetry import series
from tables.anomaly.suppression import Bar
from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.anomaly.anomaly_target import AnomalyTarget, subject
from tables.detect.block_key import INSTANCE
from tables.detect.columns import Array
from tables.detect.health import inventory
from tables.detect.health.state import NOTHING, Gateway
from tables.detect.instances import instances
from tables.detect.levels import GATEWAY
from tables.detect.series.slot_history import Standing
from tables.detect.series.slot_index import SlotIndex
from tables.kernel.row import AnyRow as Row

Dismissed = dict[str, list[Dismissal]]  # by instance


class AnomalyTargets(NamedTuple):
    """The instances with a model in one state block: their slots, sorted, and each by its slot."""

    slots: Array
    of: dict[int, AnomalyTarget]


def dismissed(documents: Iterable[Owned]) -> Dismissed:
    """What was said, by the instance that it was said of."""
    dismissals: dict[str, list[Dismissal]] = {}
    for dismissal in documents:
        if isinstance(dismissal, Dismissal):
            dismissals.setdefault(dismissal.instance, []).append(dismissal)
    return dismissals


def subjects(
    index: SlotIndex,
    rules: Mapping[str, CompiledRule],
    dismissed: Dismissed,
    rows: Mapping[str, Row],
    offset: int,
) -> dict[int, AnomalyTargets]:
    """By state block, for all instances that anomaly rules have at the message of an offset; empty where none do."""
    targets: dict[int, dict[int, AnomalyTarget]] = {}
    entry: Gateway = rows[GATEWAY.key(index.gateway)].value or NOTHING
    for (rule, key), number in index.states.items():
        compiled = rules.get(rule)
        if compiled is None or compiled.rule.condition.anomaly is None:
            continue
        given = number < entry.next.get(INSTANCE, 0)
        if not given or index.standing(INSTANCE, number, offset) is not Standing.HELD:
            continue
        about = dismissed.get(f"{index.gateway}|{compiled.id}|{key}", ())
        instants = heard(about, compiled, key, entry) if about else ()
        of = targets.setdefault(number // instances.SIZE, {})
        of[number % instances.SIZE] = subject(compiled, key)._replace(dismissed=instants)
    return {
        block: AnomalyTargets(np.array(sorted(of), dtype=np.int64), of)
        for block, of in sorted(targets.items())
    }


def heard(about: Sequence[Dismissal], compiled: CompiledRule, key: str, entry: Gateway) -> tuple[int, ...]:
    """The newest of what was said by those whom the alert belongs to."""
    upstream = dict(series.parse(key if key[:1] not in ("", "{") else f"_{key}").labels).get("upstream", "")
    owner, _ = inventory.team(entry.inventory, upstream, compiled.rule.team)
    mine = {PLATFORM, compiled.rule.team, owner}
    return tuple(
        sorted(dismissal.instant for dismissal in about if dismissal.team in mine)[-Bar.REMEMBERED :]
    )
