"""Scores in place of values: what an anomaly rule reads goes to its models before it goes to the states."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from streams.messages.verdict import AnomalyReading
from tables.anomaly.config import NEVER
from tables.detect.aggregate.evaluation import Evaluation
from tables.detect.anomaly import model_alarms, model_block
from tables.detect.anomaly.anomaly_target import AnomalyTarget
from tables.detect.anomaly.means import NOBODY
from tables.detect.anomaly.model import Model
from tables.detect.anomaly.recent_points import Point, plain
from tables.detect.block_key import MODEL, number_of
from tables.detect.columns import Array
from tables.detect.context import Context
from tables.detect.instances import instances
from tables.detect.levels import GATEWAY
from tables.detect.series.slot_index import SlotIndex


def place(number: int) -> tuple[int, int]:
    """Where the model of an instance lies, by the number of its state: block and slot."""
    return divmod(number, model_block.SIZE)


def score(
    context: Context, index: SlotIndex, block: int, readings: tuple[Array, Array], moment: Evaluation
) -> Array:
    """The values of slots of one state block, scores in the place of those that a model judges."""
    (slots, values), subjects = readings, context.plan(index).subjects[block]
    scores = values.astype(np.float64)
    judged = np.flatnonzero(np.isin(slots, subjects.slots))
    row, opened = None, -1
    for n, slot, value in zip(judged.tolist(), slots[judged].tolist(), scores[judged].tolist(), strict=True):
        number = block * instances.SIZE + slot
        of, inner = place(number)
        if of != opened:
            row, opened = context.open(index.key(MODEL, of)), of
        if row is not None:  # a newer row fed a state that is newer too
            if row.value.damage:
                row.value.forget(
                    inner for inner in range(model_block.SIZE) if _subject(context, index, of, inner)
                )
            members = moment.members.get(number, NOBODY)
            scores[n] = row.value.feed(inner, subjects.of[slot], moment.at, value, members)
            if row.value.lost or row.value.turned:
                model_alarms.say(context, row, index.gateway, partial(_subject, context, index, of))
    return scores


def _subject(context: Context, index: SlotIndex, of: int, inner: int) -> AnomalyTarget | None:
    """The instance of the model that lies in a slot of a block of models; None where it has gone."""
    block, slot = divmod(of * model_block.SIZE + inner, instances.SIZE)
    subjects = context.plan(index).subjects.get(block)
    return subjects.of.get(slot) if subjects else None


def prune(context: Context, gateway: str) -> None:
    """Drop the models of instances that no rule has any more."""
    held = [row.key for row in context.scan_sorted(f"{MODEL}/{gateway}")]
    subjects = context.plan(context.index(gateway)).subjects if held else {}
    wanted = {place(block * instances.SIZE + slot) for block, of in subjects.items() for slot in of.of}
    for key in held:
        gone = [
            slot for slot in sorted(context.rows[key].value.entries) if (number_of(key), slot) not in wanted
        ]
        row = context.open(key) if gone else None
        if row is not None:
            for slot in gone:
                model_alarms.withdraw(context, row, gateway, slot)
                row.value.drop(slot)
            if not row.value.entries:
                context.mark_deleted(row)


def trails(context: Context) -> Iterator[tuple[str, AnomalyTarget, list[Point]]]:
    """The latest rows of every instance of an anomaly rule: its gateway, what it is, and the rows."""
    for row in context.scan_sorted(GATEWAY.name):
        gateway = row.key.partition("/")[2]
        index = context.index(gateway)
        for block, of in context.plan(index).subjects.items():
            for slot, subject in of.of.items():
                model = _model(context, index, block * instances.SIZE + slot, subject)
                if model is not None:
                    yield gateway, subject, model.trail.points()


def _model(context: Context, index: SlotIndex, number: int, subject: AnomalyTarget) -> Model | None:
    of, inner = place(number)
    row = context.rows.get(index.key(MODEL, of))
    return None if row is None or row.dead else row.value.look(inner, subject)


def shown(context: Context, gateway: str, number: int, trail: bool = True) -> AnomalyReading | None:
    """What the model of an instance says of its latest row; None where there is no model, or no row yet."""
    index = context.index(gateway)
    subject = _subject(context, index, *place(number))
    model = None if subject is None else _model(context, index, number, subject)
    seen = None if model is None else model.shown()
    if model is None or seen is None:
        return None
    point = seen.point
    return AnomalyReading(
        at=point.at, value=plain(point.value), low=plain(point.low), high=plain(point.high),
        score=plain(seen.score), expected=plain(seen.expected), lately=plain(seen.lately), lean=plain(seen.lean),
        part=seen.part, ended=seen.ended, since=None if seen.since == NEVER else seen.since,
        recent_points=tuple(_row(recent) for recent in model.trail.points()) if trail else (),
    )  # fmt: skip


def _row(point: Point) -> tuple[int, float, float, float, float]:
    return point.at, plain(point.value), plain(point.low), plain(point.high), plain(point.score)
