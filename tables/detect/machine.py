"""The detect machine: telemetry of one partition in, verdicts out.

A frame's values go down the levels in one pass: entry, series blocks, windows, states. Single-series rules are
judged at once; grouped rules, and what is missing, when the frame is complete or has waited long enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import ClassVar

from streams import samples
from streams.dismissal import Dismissal
from streams.document import Owned
from streams.event import LOST, OWNERS, STOPPED, Event
from streams.message import Body
from streams.portion import Debt
from streams.recall import Recall
from streams.rule import Rule
from streams.signature import Signer
from tables.configured import Configured
from tables.detect import (
    arrival,
    completion,
    crowd,
    deadlines,
    debts,
    forgetting,
    frame,
    gateway,
    numbers,
    repeats,
    room,
    roster,
    rule_edit,
    slots,
    sources,
    subject,
    sweep,
    telling,
    unusual,
)
from tables.detect.aggregate import AggregateBlock
from tables.detect.debts import Debts
from tables.detect.departed import DepartedBlock
from tables.detect.edit_scope import EditScope
from tables.detect.index import Index
from tables.detect.judge import Now
from tables.detect.model_block import ModelBlock
from tables.detect.plan import Plan, make
from tables.detect.series import SeriesBlock
from tables.detect.state import StateBlock
from tables.detect.tenancy import Terms
from tables.detect.watch import Watch, by_metric
from tables.row import Columns, Row


class Detect(Configured):
    """Series, windows and rule states of the gateways of one partition."""

    stage = "detect"
    levels = (
        "head", "config", "look", "gateway", "series", "departed", "aggregate", "model", "state", "roster"
    )  # fmt: skip
    # some came when there were rows of the next level already: theirs lie between, as 4.5 does
    codecs: ClassVar[Mapping[str, type[Columns]]] = {
        "3": SeriesBlock, "3.5": DepartedBlock, "4": AggregateBlock, "4.5": ModelBlock, "5": StateBlock
    }  # fmt: skip
    kinds = ("rule", "dismissal")
    terms = Terms()

    def __init__(self, name: str, signer: Signer, stored: Iterable[tuple[str, bytes]] = ()) -> None:
        """As every machine; batches that look like the ones before are read faster."""
        self.load = Recall().load
        super().__init__(name, signer, stored)

    def shelf(self, row: Row) -> str:
        """Models are looked for by their gateway."""
        return row.key[:-5] if row.key.startswith(f"{unusual.LEVEL}/") else ""

    def compile(self) -> None:
        """Rules made ready; slots and plans are found again when a gateway is next heard."""
        super().compile()
        self.dismissed = subject.dismissed(self.of("dismissal"))
        rules = [rule for rule in self.of("rule") if isinstance(rule, Rule)]
        gone = [
            rule for rule in self.former.values() if isinstance(rule, Rule)
        ]  # their end has still to be said
        self.rules = {rule.id: rule for rule in (*gone, *rules)}
        self.watches = {rule.id: Watch(rule) for rule in rules if rule.enabled}
        self.inputs = by_metric(self.watches.values())
        self.indexes: dict[str, Index] = {}
        self.plans: dict[str, Plan] = {}
        self.debts = Debts(self.alive("5/"))
        self.scope = EditScope(self.among("3/"), self.among("5/"))

    def rolled_back(self, keys: set[str]) -> None:
        """Only what the restored rows belong to is derived anew: a sender's mistake must not cost a whole partition."""
        if any(key.startswith("1/") for key in keys):
            self.compile()
            return
        for key in keys:
            name = key[2:] if key.startswith("2/") else key.partition("/")[2][:-6]
            self.indexes.pop(name, None)
            self.plans.pop(name, None)
        self.owing |= {key for key in keys if key.startswith("5/")}

    def begin(self, offset: int) -> None:
        """Turn to the next input."""
        super().begin(offset)
        self.owing: set[str] = set()  # the blocks that it gave something to say, perhaps

    # Inputs ------------------------------------------------------------------------------------------------

    def on_samples(self, message: Body) -> None:
        """One part of a frame."""
        batch = samples.read(message)
        entry = self._enter(batch.gateway, "samples")
        if entry is None:
            return
        if why := gateway.surplus(entry.value, batch):
            self.bury("source", why, "samples")
            return
        at = arrival.event_time(entry.value, batch, self.clock.now, self.terms.late)
        values = numbers.read(self, batch)
        index = self.index(batch.gateway)
        room.renew(self, entry, index)
        mark = [self.clock.now, self.offset]
        frames = gateway.arrive(entry.value, batch, at, self.clock.attended, self.terms.unheard, mark)
        layout = index.layout(batch, partial(slots.place, self, entry, index, batch.source), self.scope)
        crowd.watch(self, entry, index)
        sources.heard(self, entry, batch, at, layout, values)
        moment = frame.Moment(at, entry.value["sources"][batch.source], {}, {}, {})
        for piece in layout.pieces:
            frame.take(self, index, piece, values[piece.positions], moment)
        frame.judge(self, index, moment)
        for complete in frames:
            completion.complete(self, index, batch.source, complete)
        entry.wake = gateway.deadline(entry.value, self.terms)

    def on_event(self, message: Body) -> None:
        """Who owns what; other events are remembered by rules of a kind of their own."""
        event = Event.read(message)
        owners = gateway.owners(event.attributes) if event.type == OWNERS else {}
        entry = self._enter(event.gateway, "event")
        if entry is None:
            return
        entry.value["spoke"] = self.clock.attended
        if why := repeats.repeated(entry.value, event, self.clock.attended):
            self.bury("event", why, "event")
        elif event.type == OWNERS:
            entry.value |= owners
            self.plans.pop(event.gateway, None)  # who may dismiss what
            telling.again(self, self.index(event.gateway), telling.OWNERS)
        elif event.type == LOST:
            entry.value["trouble"] = gateway.trouble(event.attributes, self.clock.attended)
        elif event.type == STOPPED:
            sources.stop(self, entry, event.source)
        entry.wake = gateway.deadline(entry.value, self.terms)

    def _enter(self, name: str, kind: str) -> Row | None:
        """The entry row of a gateway, opened first and always, but where there are too many gateways."""
        if why := roster.admit(self, name):
            self.bury("gateway", why, kind)
            return None
        return self.enter(name)

    # One frame ---------------------------------------------------------------------------------------------

    def index(self, name: str) -> Index:
        """The gateway's slots, read from its blocks on first use."""
        if name not in self.indexes:
            self.indexes[name] = Index(name, self.rows, self.inputs, self.offset, self.terms.rest)
        return self.indexes[name]

    def plan(self, index: Index) -> Plan:
        """Which slots feed which; made anew after slots or rules have come."""
        if index.gateway not in self.plans:
            watched = {number: self.watches.get(rule) for (rule, _), number in index.states.items()}
            subjects = subject.subjects(index, self.watches, self.dismissed, self.rows, self.offset)
            self.plans[index.gateway] = make(index.uses, watched, subjects)
        return self.plans[index.gateway]

    def now(self, at: int) -> Now:
        """The moment of a judgement at an event time."""
        return Now(at, self.clock.attended_now, self.away)

    @property
    def away(self) -> bool:
        """Whether we are catching up: what fires now and ends soon has been missed."""
        return not self.clock.attending

    # Time and configuration --------------------------------------------------------------------------------

    def taken(self, kind: str) -> None:
        """What the input has found is said."""
        debts.settle(self, kind)

    def on_debt(self, message: Body) -> None:
        """Blocks that owe more than a few verdicts say them."""
        debts.honour(self, Debt.read(message))

    def fire(self, row: Row) -> None:
        """A gateway's source is late or silent, an instance has held for long enough, or a block has its round."""
        if row.key[0] == "2":
            sources.due(self, row)
            if not forgetting.due(self, row):
                crowd.watch(self, row, self.index(row.key[2:]))
                row.wake = gateway.deadline(row.value, self.terms)
        elif row.key[0] == "5":
            deadlines.due(self, row)
        else:
            sweep.due(self, row)

    def reconfigured(self, before: Owned | None, after: Owned | None) -> None:
        """A rule came, changed or went: the gateways that it concerns get or lose its instances."""
        if isinstance(known := after or before, Dismissal):
            subject.dismiss(self, before, after)
        if isinstance(known, Rule):
            self.rules[known.id] = known
            rule_edit.edit(self, before, after)
