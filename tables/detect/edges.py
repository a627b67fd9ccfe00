"""Events that say at once what the next poll would say: an edge is a value of the series that holds the level.

The level corrects what edges lose: a poll that comes later overwrites what an event said.
"""

from __future__ import annotations

import numpy as np

from streams import series as text_of
from streams.messages.event import Event
from tables.detect import frame, series
from tables.detect.arrival import EARLY
from tables.detect.context import Context
from tables.detect.evaluation import Moment
from tables.detect.events.watch import fields
from tables.detect.index import Index, spread
from tables.detect.layout import Piece

# by type of event: the series that it is about, the label that names what, and its value
EDGES = {
    "gateway_offline": ("upstream_up", "upstream", 0.0),
    "gateway_activated": ("upstream_up", "upstream", 1.0),
    "tool_offline": ("tool_up", "tool", 0.0),
    "tool_activated": ("tool_up", "tool", 1.0),
}
LEVEL = "bridge/upstreams"  # the source of the level, where there is one


def take(machine: Context, event: Event) -> None:
    """Give an edge to the rules that look at its level; nothing where no poll has told of what it is about."""
    if event.type not in EDGES:
        return
    metric, label, value = EDGES[event.type]
    about, index = fields(event).get(label, ""), machine.index(event.gateway)
    sources = machine.rows[machine.entry.key(event.gateway)].value.get("sources", {})
    source = sources.get(LEVEL) or sources.get(event.source) or next(iter(sources.values()), None)
    numbers = _numbers(machine, index, metric, label, about) if about and source else []
    if not numbers or source is None:
        return
    now = machine.clock.now
    at = event.at if now - machine.terms.late <= event.at <= now + EARLY else now
    moment = Moment(at, source, {}, {}, {})
    for block, _, slots in spread(np.array(numbers, dtype=np.int64), series.SIZE):
        frame.take(machine, index, Piece(block, slots, slots), np.full(len(slots), value), moment)
    frame.judge(machine, index, moment)


def _numbers(machine: Context, index: Index, metric: str, label: str, about: str) -> list[int]:
    """The series of what an edge is about: those of this metric that are named so."""
    texts = [
        text for text in index.texts.get(metric, ()) if dict(text_of.parse(text).labels).get(label) == about
    ]
    found = [index.living(text, machine.offset) for text in texts]
    return sorted(number for number in found if number is not None)
