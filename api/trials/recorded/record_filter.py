"""What of recorded telemetry some rules can see: messages in, the same out without the series that no rule reads. Pure.

A day of a gateway is hundreds of megabytes, of which a rule reads a few series.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

import orjson

from api.coverage.coverage import Origin, Seen
from streams.documents.rule import Rule
from streams.errors import Failure, Unlisted
from streams.messages.envelope import Body
from streams.telemetry.layout_memory import LayoutMemory
from streams.telemetry.recall import Recall
from streams.telemetry.samples import START, Batch

ALWAYS = frozenset(
    {START, "gateway_up"}
)  # how counters are to be read, and whether the gateway is there at all
NOT_KEPT = ("signature", "layout")  # both are of the whole list
TYPES = 1_000  # of events that are remembered


class _Places(NamedTuple):
    """Where in a list of series those lie that are read, and the list itself, by which it is known again.

    `texts`: those that are read.
    """

    series: Sequence[str]
    kept: list[int]
    texts: list[str]


class RecordFilter:
    """Takes the messages of one log in their order.

    `unreadable`: how many were none that a machine takes; `unlisted`: how many name a list of series that came before
    all of them; `seen`: all series that were there, and who sent them; `events`: the types of all events.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        """`rules`: what shall be seen is what they read."""
        read = (input_.selector.name for rule in rules for input_ in rule.condition.inputs())
        self._names = ALWAYS.union(read)
        self._load, self._lists = Recall().load, LayoutMemory()
        self._known: dict[tuple[str, str, int], _Places] = {}
        self.unreadable = self.unlisted = 0
        self.seen: Seen = {}
        self.events: set[str] = set()

    def learn(self, raw: bytes, now: int = 0) -> None:
        """A message of before those that are taken may tell a list of series that they name. `now`: ms, its stamp."""
        with suppress(Failure, KeyError, TypeError, ValueError):
            message = self._load(raw)
            if message["kind"] == "samples" and "layout" in message and "series" in message:
                self._lists.read(message, now)

    def trimmed(self, raw: bytes, now: int = 0) -> bytes | None:
        """The message as a trial takes it; None where it says nothing to it. `now`: ms, when it was recorded."""
        try:
            message = self._load(raw)
            kind = message["kind"]
            if kind == "samples":
                return self._frame(message, now)
        except Unlisted:
            self.unlisted += 1
            return None
        except (Failure, KeyError, TypeError, ValueError):
            self.unreadable += 1
            return None
        if kind != "event":
            return None
        if len(self.events) < TYPES:
            self.events.add(str(message.get("type")))
        return raw

    def _frame(self, message: Body, now: int) -> bytes:
        batch = self._lists.read(message, now)
        places = self._places(batch)
        body = {name: value for name, value in message.items() if name not in NOT_KEPT}
        body["series"], body["values"] = places.texts, [batch.values[n] for n in places.kept]
        return orjson.dumps(body)

    def _places(self, batch: Batch) -> _Places:
        key = batch.gateway, batch.source, batch.part
        known = self._known.get(key)
        if known is None or known.series is not batch.series:
            texts = list(batch.series)
            kept = [n for n, text in enumerate(texts) if self._is_read(text)]
            origin = Origin(batch.gateway, batch.source)
            for text in texts:
                self.seen.setdefault(str(text), {})[origin] = batch.at
            known = self._known[key] = _Places(batch.series, kept, [texts[n] for n in kept])
        return known

    def _is_read(self, text: object) -> bool:
        return isinstance(text, str) and text.partition("{")[0].strip() in self._names
