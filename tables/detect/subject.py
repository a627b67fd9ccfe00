"""What a model is asked about: one instance of an anomaly rule, its options, and whose model it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from streams import series
from streams.documents.dismissal import Dismissal
from streams.documents.document import PLATFORM, Owned
from tables.anomaly.kind import Kind
from tables.anomaly.options import Direction, Options, Seasonality, Sensitivity
from tables.anomaly.suppression import Bar
from tables.detect import instances, inventory
from tables.detect.columns import Array
from tables.detect.index import Index
from tables.detect.tenancy import Standing
from tables.detect.watch import Watch
from tables.kernel.row import AnyRow as Row

if TYPE_CHECKING:
    from tables.detect.machine import Detect


class Subject(NamedTuple):
    """One instance of an anomaly rule.

    `row`: ms of a row; `bar`: the lowest score that is an alert; `back`: the one up to which it is none any more;
    `counts`: whether its values are increases; `shares`: whether they are of a ratio; `said`: ms at which somebody
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
    said: tuple[int, ...] = ()


Dismissed = dict[str, list[Dismissal]]  # by instance


class Subjects(NamedTuple):
    """The instances with a model in one state block: their slots, sorted, and each by its slot."""

    slots: Array
    of: dict[int, Subject]


def dismissed(documents: Iterable[Owned]) -> Dismissed:
    """What was said, by the instance that it was said of."""
    found: dict[str, list[Dismissal]] = {}
    for one in documents:
        if isinstance(one, Dismissal):
            found.setdefault(one.instance, []).append(one)
    return found


def dismiss(machine: Detect, before: Owned | None, after: Owned | None) -> None:
    """A dismissal came, changed or went: only the instances that it is about are looked at anew."""
    for one, there in ((before, False), (after, True)):
        if isinstance(one, Dismissal):
            others = [other for other in machine.dismissed.get(one.instance, ()) if other.id != one.id]
            machine.dismissed[one.instance] = [*others, one] if there else others
            _reconsider(machine, one.instance)


def _reconsider(machine: Detect, instance: str) -> None:
    name, rule, key = instance.split("|", 2)
    index, plan, watch = machine.indexes.get(name), machine.plans.get(name), machine.watches.get(rule)
    if index is None or plan is None or watch is None or (number := index.states.get((rule, key))) is None:
        return
    block, slot = divmod(number, instances.SIZE)
    known = plan.subjects.get(block)
    if known is not None and slot in known.of:
        said = _heard(machine.dismissed[instance], watch, key, machine.rows[f"2/{name}"].value)
        known.of[slot] = known.of[slot]._replace(said=said)


def subjects(
    index: Index, watches: Mapping[str, Watch], dismissed: Dismissed, rows: Mapping[str, Row], offset: int
) -> dict[int, Subjects]:
    """By state block, for all instances that anomaly rules have at the message of an offset; empty where none do."""
    found: dict[int, dict[int, Subject]] = {}
    entry: dict[str, Any] = rows[f"2/{index.gateway}"].value
    for (rule, key), number in index.states.items():
        watch = watches.get(rule)
        if watch is None or watch.rule.condition.anomaly is None:
            continue
        given = number < entry.get("next", {}).get("5", 0)
        if not given or index.standing("5", number, offset) is not Standing.HELD:
            continue
        about = dismissed.get(f"{index.gateway}|{watch.id}|{key}", ())
        said = _heard(about, watch, key, entry) if about else ()
        of = found.setdefault(number // instances.SIZE, {})
        of[number % instances.SIZE] = subject(watch, key)._replace(said=said)
    return {block: Subjects(np.array(sorted(of), dtype=np.int64), of) for block, of in sorted(found.items())}


def _heard(about: Sequence[Dismissal], watch: Watch, key: str, entry: Mapping[str, Any]) -> tuple[int, ...]:
    """The newest of what was said by those whom the alert belongs to."""
    upstream = dict(series.parse(key if key[:1] not in ("", "{") else f"_{key}").labels).get("upstream", "")
    owner, _ = inventory.team(dict(entry), upstream, watch.rule.team)
    mine = {PLATFORM, watch.rule.team, owner}
    return tuple(sorted(one.instant for one in about if one.team in mine)[-Bar.REMEMBERED :])


def subject(watch: Watch, key: str) -> Subject:
    """The instance of a rule with this key."""
    condition, kind = watch.rule.condition, watch.rule.condition.signal()
    counts, (beyond, back, _) = kind == "counter", watch.rule.levels()
    of, *about = learned(watch)
    return Subject(
        blake2b(repr((of, key, *about)).encode(), digest_size=8).hexdigest(),
        _options(watch, Kind.RATE if counts else Kind(kind)),
        condition.row,
        counts,
        condition.fraction is not None,
        min(beyond.values()),
        min(back.values()),
        watch.rule.name,
        key,
    )


def learned(watch: Watch) -> tuple[Any, ...]:
    """What an anomaly rule learns about; what was learned of something else is of no use to it."""
    condition = watch.rule.condition
    of = " / ".join(text for _, _, text in watch.read)
    about = (of, condition.signal(), condition.row, condition.window, condition.at_least)
    return watch.id, *about


def _options(watch: Watch, kind: Kind) -> Options:
    condition = watch.rule.condition
    return Options(
        kind=kind,
        direction=Direction(condition.direction) if condition.direction else None,
        sensitivity=Sensitivity(condition.sensitivity),
        seasonality=Seasonality(condition.seasonality),
        history=condition.minimum_history,
        quiet=condition.quiet,
        learn_limit=condition.learn_while_firing,
    )
