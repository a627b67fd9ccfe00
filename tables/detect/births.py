"""Whether a counter that is read for the first time counts from nought, or what it shows is its level.

Only what appears counts: a source was heard, a rule looked for the series in its latest whole frame, and it was not
there. A rule that comes later, or room for a series that had been refused, makes known what had been counted long ago;
so does a series that had fallen silent for so long that it was forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from streams.series import metric
from tables.detect import departed
from tables.detect.columns import Array
from tables.detect.index import Index
from tables.detect.watch import Watch

if TYPE_CHECKING:
    from tables.detect.frame import Moment
    from tables.detect.machine import Detect

LEVEL = "1.5"
Mark = list[int]  # ms UTC and offset of a message: what came before it is less


def look(machine: Detect, watch: Watch, old: Watch | None, new: Watch | None) -> None:
    """A rule came, changed or went: since when it looks for what it reads."""
    if new is not None and old is not None and _read(old) == _read(new):
        return
    row = machine.open(f"{LEVEL}/{watch.id}")
    if row is not None and new is not None:
        row.value = {"since": [machine.clock.now, machine.offset]}
    elif row is not None:
        machine.mark_deleted(row)


def _read(watch: Watch) -> set[str]:
    return {text for _, _, text in watch.read}


def _since(machine: Detect, watch: Watch) -> Mark:
    row = machine.rows.get(f"{LEVEL}/{watch.id}")
    return [-1, -1] if row is None or row.dead else row.value["since"]  # of before: it has looked for long


def born(machine: Detect, index: Index, texts: list[str], slots: Array, new: Array, moment: Moment) -> Array:
    """Which of these slots of a block hold counters that count from nought; `new`: those that are first seen now."""
    found = new.copy()
    found[new] = _from_nought(machine, index, [texts[slot] for slot in slots[new].tolist()], moment)
    return found


def _from_nought(machine: Detect, index: Index, texts: list[str], moment: Moment) -> Array:
    whole: Mark | None = moment.source.get("whole")
    room: Mark = machine.rows[f"2/{index.gateway}"].value.get("room", [-1, -1])
    if whole is None or moment.source["first"] >= moment.at or room >= whole:
        return np.zeros(len(texts), dtype=bool)
    lately = departed.remembered(machine, index.gateway)
    looked = {
        name: [one for one in machine.inputs.get(name, ()) if _since(machine, one[0]) < whole]
        for name in set(map(metric, texts))
    }
    born = (any(index.reading(text, looked)) and not lately(text) for text in texts)
    return np.fromiter(born, dtype=bool, count=len(texts))
