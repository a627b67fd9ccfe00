"""The detect machine: telemetry of one partition in, verdicts out.

A frame's values go down the levels in one pass: entry, series blocks, windows, states. Single-series rules are
judged at once; grouped rules, and what is missing, when the frame is complete or has waited long enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

import numpy as np

from streams import samples
from streams.document import Owned
from streams.errors import Refused
from streams.event import OWNERS, Event
from streams.message import Body
from streams.rule import Rule
from tables.configured import Configured
from tables.detect import gateway, reduction, slots, sources, telling
from tables.detect.columns import Array
from tables.detect.index import Index, Piece, spread
from tables.detect.judge import Cause, State
from tables.detect.plan import Direct, Feed, Plan, make
from tables.detect.series import SeriesBlock
from tables.detect.state import SIZE, Now, StateBlock
from tables.detect.watch import Watch, by_metric
from tables.detect.window import WindowBlock, value
from tables.row import Columns, Row

EARLY, LATE = 5_000, 600_000  # ms; event time outside [record − LATE, record + EARLY] is clock skew
Waiting = dict[int, list[tuple[Array, Array]]]  # by state block: slots and their new values


class Detect(Configured):
    """Series, windows and rule states of the gateways of one partition."""

    stage = "detect"
    levels = ("head", "config", "gateway", "series", "window", "state")
    codecs: ClassVar[Mapping[str, type[Columns]]] = {"3": SeriesBlock, "4": WindowBlock, "5": StateBlock}
    kinds = ("rule",)

    def compile(self) -> None:
        """Rules made ready; slots and plans are found again when a gateway is next heard."""
        super().compile()
        rules = (rule for rule in self.of("rule") if isinstance(rule, Rule) and rule.enabled)
        self.watches = {rule.id: Watch(rule) for rule in rules}
        self.inputs = by_metric(self.watches.values())
        self.indexes: dict[str, Index] = {}
        self.plans: dict[str, Plan] = {}
        self.untold = {row.key for row in self.alive("5/") if row.value.all_untold()}

    # Inputs ------------------------------------------------------------------------------------------------

    def on_samples(self, message: Body) -> None:
        """One part of a frame."""
        batch = samples.read(message)
        entry = self.enter(batch.gateway)
        if entry is None:
            return
        at = self.event_time(entry, batch.at)
        values = self._numbers(batch)
        index = self.index(batch.gateway)
        frames = gateway.arrive(entry.value, batch, at, self.clock.attended)
        sources.heard(self, entry, batch, values)
        layout = index.layout(batch, partial(slots.place, self, entry, index, batch.source))
        source, waiting = entry.value["sources"][batch.source], dict[int, list[tuple[Array, Array]]]()
        for piece in layout.pieces:
            self._take(index, piece, values[piece.positions], at, source, waiting)
        self._judge(index, waiting, at)
        for frame in frames:
            self.complete_frame(index, batch.source, frame)
        entry.wake = gateway.deadline(entry.value)

    def on_event(self, message: Body) -> None:
        """Who owns what; other events are remembered by rules of a kind of their own."""
        event = Event.read(message)
        entry = self.enter(event.gateway)
        if entry is not None and event.type == OWNERS:
            upstreams = event.attributes.get("upstreams", {})
            if not isinstance(upstreams, dict):
                raise Refused("event inventory: `attributes.upstreams` must map each upstream to what is known of it")
            entry.value["owners"] = {name: of["team"] for name, of in sorted(upstreams.items()) if isinstance(of, dict) and of.get("team")}
            entry.value["team"] = str(event.attributes.get("team") or "")
        elif entry is not None and event.type == "source_stopped":
            sources.stop(self, entry, event.source)

    def event_time(self, entry: Row, at: int) -> int:
        """The event time, or the record's where a sender's clock is off; how far is kept and shown."""
        now = self.clock.now
        if now - LATE <= at <= now + EARLY:
            return at
        entry.value["skewed"] = [entry.value.get("skewed", [0])[0] + 1, at - now]
        return now

    def _numbers(self, batch: samples.Batch) -> Array:
        try:
            return np.array(batch.values, dtype=np.float64)
        except (TypeError, ValueError):
            return np.array([self._number(n, one) for n, one in enumerate(batch.values)], dtype=np.float64)

    def _number(self, n: int, one: Any) -> float:
        if one is None or (isinstance(one, int | float) and not isinstance(one, bool)):
            return np.nan if one is None else float(one)
        self.bury(f"value {n}", Refused(f"samples: `values[{n}]` is {one!r:.60}, not a number"), "samples")
        return float("nan")

    # One frame ---------------------------------------------------------------------------------------------

    def index(self, name: str) -> Index:
        """The gateway's slots, read from its blocks on first use."""
        if name not in self.indexes:
            self.indexes[name] = Index(name, self.rows, self.inputs)
        return self.indexes[name]

    def plan(self, index: Index) -> Plan:
        """Which slots feed which; made anew after slots or rules have come."""
        if index.gateway not in self.plans:
            self.plans[index.gateway] = make(list(index.uses.values()), max(index.states.values(), default=-1) + 1)
        return self.plans[index.gateway]

    def now(self, at: int) -> Now:
        """The moment of a judgement at an event time."""
        return Now(at, self.clock.attended, not self.clock.attending)

    def _take(self, index: Index, piece: Piece, values: Array, at: int, source: dict[str, Any], waiting: Waiting) -> None:
        row = self.open(index.key("3", piece.block))
        if row is None:
            return
        known = ~np.isnan(values)
        slots, block, plan = piece.slots[known], row.value, self.plan(index)
        taken, steps = block.update(slots, at, values[known], source["first"] < at)
        fresh, step = np.zeros(len(block.at), dtype=bool), np.zeros(len(block.at))
        fresh[slots[taken]], step[slots] = True, steps
        for feed in plan.feeds.get(piece.block, ()):
            self._fill(index, feed, fresh, step if feed.watch.counts else block.value, at)
        for direct in plan.direct.get(piece.block, ()):
            if not (direct.feed and direct.feed.watch.counts and source["untrusted"]):
                chosen = fresh[direct.series]
                found = block.value[direct.series[chosen]] if direct.feed is None else self._window(index, direct, chosen, at)
                waiting.setdefault(direct.block, []).append((direct.states[chosen], found))

    def _fill(self, index: Index, feed: Feed, fresh: Array, amounts: Array, at: int) -> None:
        row, chosen = self.open(index.key("4", feed.block)), fresh[feed.series]
        if row is not None and chosen.any():
            row.value.put(feed.windows[chosen], at, feed.watch.width, feed.function, amounts[feed.series[chosen]])

    def _window(self, index: Index, direct: Direct, chosen: Array, at: int) -> Array:
        feed = direct.feed
        assert feed is not None
        block, watch = self.rows[index.key("4", feed.block)].value, feed.watch
        amounts, counts, _ = block.read(feed.windows[chosen], at, watch.width, watch.buckets)
        return value(feed.function, amounts, counts, watch.rule.condition.over)

    def _judge(self, index: Index, waiting: Waiting, at: int) -> None:
        for number, parts in sorted(waiting.items()):
            row = self.open(index.key("5", number))
            if row is None:
                continue
            slots, values = (np.concatenate([part[n] for part in parts]) for n in (0, 1))
            told = row.value.judge(slots, values, self.now(at), self.plan(index).limits[number])
            row.wake = row.value.deadline()
            telling.tell(self, row, told)

    def complete_frame(self, index: Index, source: str, at: int) -> None:
        """Grouped rules of the source are judged, and what did not come is counted as missing."""
        waiting: Waiting = {}
        for group in self.plan(index).groups:
            blocks = {index.key(group.level, member.block) for member in group.members}
            if self._source(index, int(group.states[0])) != source or any(map(self.newer, blocks)):
                continue
            if group.watch.counts and self.rows[f"2/{index.gateway}"].value["sources"][source]["untrusted"]:
                continue
            values, known = reduction.reduce(group, at, lambda level, number: self.rows[index.key(level, number)].value)
            for block, of, inner in spread(group.states, SIZE):
                chosen = known[of]
                waiting.setdefault(block, []).append((inner[chosen], values[of][chosen]))
        self._judge(index, waiting, at)
        for number, limits in self.plan(index).limits.items():
            self._miss(index, number, limits.missed, source, at)

    def _source(self, index: Index, number: int) -> str:
        block = self.rows[index.key("5", number // SIZE)].value
        return str(block.sources[number % SIZE])

    def _miss(self, index: Index, number: int, patience: Array, source: str, at: int) -> None:
        block = self.rows[index.key("5", number)].value
        missing = (block.at < at) & (patience[: len(block.at)] != 0)
        late = [int(n) for n in np.flatnonzero(missing) if block.sources[n] == source]
        if not late or (row := self.open(index.key("5", number))) is None:
            return
        for slot in late:
            row.value.miss(slot, self.now(at), self.plan(index).limits[number])
        row.wake = row.value.deadline()
        telling.tell(self, row, [slot for slot in late if row.value.untold(slot)])

    # Time and configuration --------------------------------------------------------------------------------

    def ticked(self) -> None:
        """What was found while we could not speak is said now."""
        if self.untold and self.complete and self.clock.attending:
            for key in sorted(self.untold):
                if why := self.unit(self._tell_all, key):
                    self.bury(key, why, "row")

    def _tell_all(self, key: str) -> None:
        if (row := self.open(key)) is not None:
            telling.tell(self, row, row.value.all_untold())
            self.untold.discard(key)

    def fire(self, row: Row) -> None:
        """A gateway's source is late or silent, or an instance has held for long enough."""
        if row.key.startswith("2/"):
            sources.due(self, row)
            row.wake = gateway.deadline(row.value)
        else:
            self._due_states(row)

    def _due_states(self, row: Row) -> None:
        block: StateBlock = row.value
        name, number = row.key[2:-6], int(row.key[-5:])
        limits, heard = self.plan(self.index(name)).limits.get(number), self.rows[f"2/{name}"].value["sources"]
        moved = []
        for slot in map(int, np.flatnonzero((block.due > 0) & (block.due <= self.clock.attended))):
            if limits is None or heard.get(block.sources[slot], {}).get("lost"):
                block.postpone(slot, self.clock.attended + gateway.WAIT)  # unknown: held until its source is back
                continue
            cause = Cause.HELD if block.state[slot] == State.PENDING else Cause.KEPT
            block.move(slot, cause, self.now(self.clock.now), limits, int(block.severity[slot]))
            moved.append(slot)
        row.wake = block.deadline()
        telling.tell(self, row, [slot for slot in moved if block.untold(slot)])

    def reconfigured(self, before: Owned | None, after: Owned | None) -> None:
        """A rule came, changed or went: each gateway gets or loses its instances."""
        if not isinstance(before or after, Rule):
            return
        old, new = (Watch(rule) if isinstance(rule, Rule) and rule.enabled else None for rule in (before, after))
        for watch in filter(None, (old, new)):
            self.watches.pop(watch.id, None)
        if new is not None:
            self.watches[new.id] = new
        self.inputs = by_metric(self.watches.values())
        self.indexes, self.plans = {}, {}
        for name in self._gateways():
            if why := self.unit(slots.adapt, self, name, old, new):
                self.bury(name, why, "config")

    def _gateways(self) -> Iterator[str]:
        return (row.key[2:] for row in self.alive("2/"))
