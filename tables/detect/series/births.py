"""Whether a counter that is read for the first time counts from nought, or what it shows is its level.

Only what appears counts: a source was heard, a rule looked for the series in its latest whole frame, and it was not
there. A rule that comes later, or room for a series that had been refused, makes known what had been counted long ago;
so does a series that had fallen silent for so long that it was forgotten.
"""

from __future__ import annotations

import numpy as np

from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.aggregate.evaluation import Evaluation
from tables.detect.columns import Array
from tables.detect.context import Context
from tables.detect.health.state import Looking, Mark
from tables.detect.levels import LOOKING
from tables.detect.series import departures
from tables.detect.series.slot_index import SlotIndex

LONG_AGO = Mark(-1, -1)


def look(
    context: Context, compiled: CompiledRule, old: CompiledRule | None, new: CompiledRule | None
) -> None:
    """A rule came, changed or went: since when it looks for what it reads."""
    if new is not None and old is not None and _read(old) == _read(new):
        return
    row = context.open(LOOKING.key(compiled.id))
    if row is not None and new is not None:
        row.value = Looking(Mark(context.clock.now, context.offset))
    elif row is not None:
        context.mark_deleted(row)


def _read(compiled: CompiledRule) -> set[str]:
    return {text for _, _, text in compiled.read}


def _since(context: Context, compiled: CompiledRule) -> Mark:
    looking = context.get(LOOKING, compiled.id)
    return LONG_AGO if looking is None else looking.since


def born(
    context: Context, index: SlotIndex, texts: list[str], slots: Array, new: Array, moment: Evaluation
) -> Array:
    """Which of these slots of a block hold counters that count from nought; `new`: those that are first seen now."""
    births = new.copy()
    births[new] = _from_nought(context, index, [texts[slot] for slot in slots[new].tolist()], moment)
    return births


def _from_nought(context: Context, index: SlotIndex, texts: list[str], moment: Evaluation) -> Array:
    whole = moment.source.whole
    room = context.gateway(index.gateway).room
    if whole is None or moment.source.first >= moment.at or room >= whole:
        return np.zeros(len(texts), dtype=bool)
    lately = departures.remembered(context, index.gateway)
    born = (
        any(_since(context, compiled) < whole for compiled, *_ in index.reading(text, context.inputs))
        and not lately(text)
        for text in texts
    )
    return np.fromiter(born, dtype=bool, count=len(texts))
