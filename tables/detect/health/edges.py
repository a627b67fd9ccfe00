"""Events that say at once what the next poll would say: an edge is a value of the series that holds the level.

The level corrects what edges lose: a poll that comes later overwrites what an event said.
"""

from __future__ import annotations

import numpy as np

from streams.messages.event import Event
from streams.telemetry import series as text_of
from tables.detect import frame
from tables.detect.aggregate.evaluation import Evaluation
from tables.detect.context import Context
from tables.detect.events.watch import fields
from tables.detect.health.event_time import is_believed
from tables.detect.series.batch_layout import cut
from tables.detect.series.slot_index import SlotIndex

# by type of event: the series that it is about, the label that names what, and its value
EDGES = {
    "gateway_offline": ("upstream_up", "upstream", 0.0),
    "gateway_activated": ("upstream_up", "upstream", 1.0),
    "tool_offline": ("tool_up", "tool", 0.0),
    "tool_activated": ("tool_up", "tool", 1.0),
}
LEVEL = "bridge/upstreams"  # the source of the level, where there is one


def take(context: Context, event: Event) -> None:
    """Give an edge to the rules that look at its level; nothing where no poll has told of what it is about."""
    if event.type not in EDGES:
        return
    metric, label, value = EDGES[event.type]
    about, index = fields(event).get(label, ""), context.index(event.gateway)
    sources = context.gateway(event.gateway).sources
    source = sources.get(LEVEL) or sources.get(event.source) or next(iter(sources.values()), None)
    numbers = _numbers(context, index, metric, label, about) if about and source else []
    if not numbers or source is None:
        return
    now = context.clock.now
    at = event.at if is_believed(event.at, now, context.terms.late) else now
    moment = Evaluation.of(at, source)
    pieces = cut(np.array(numbers, dtype=np.int64), np.arange(len(numbers)))
    frame.take(context, index, pieces, np.full(len(numbers), value), moment)
    frame.judge(context, index, moment)


def _numbers(context: Context, index: SlotIndex, metric: str, label: str, about: str) -> list[int]:
    """The series of what an edge is about: those of this metric that are named so."""
    texts = [
        text for text in index.texts.get(metric, ()) if dict(text_of.parse(text).labels).get(label) == about
    ]
    numbers = [index.living(text, context.offset) for text in texts]
    return sorted(number for number in numbers if number is not None)
