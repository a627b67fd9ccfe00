"""The detect machine: telemetry of one partition in, verdicts out.

A frame's values go down the levels in one pass: entry, series blocks, windows, states. Single-series rules are
judged at once; grouped rules, and what is missing, when the frame is complete or has waited long enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

from streams import samples
from streams.documents.dismissal import Dismissal
from streams.documents.document import Owned
from streams.documents.rule import Rule
from streams.messages.bulk import VerdictBacklog
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Body, Message
from streams.messages.event import LOST, OWNERS, STOPPED, Event
from streams.messages.tick import Tick
from streams.recall import Recall
from streams.signature import Signer
from tables.detect import (
    arrival,
    completion,
    crowd,
    deadlines,
    debts,
    edges,
    forgetting,
    frame,
    gateway,
    inventory,
    numbers,
    ownership,
    repeats,
    room,
    roster,
    rule_edit,
    slots,
    sources,
    subject,
    sweep,
    unusual,
    verdicts,
)
from tables.detect.aggregate import AggregateBlock
from tables.detect.debts import Debts
from tables.detect.departed import DepartedBlock
from tables.detect.edit_scope import EditScope
from tables.detect.events import edits as event_edits
from tables.detect.events import pipeline as events
from tables.detect.events.state import EVENT
from tables.detect.events.watch import EventWatch
from tables.detect.index import Index
from tables.detect.instances import StateBlock
from tables.detect.lifecycle import Now
from tables.detect.model_block import ModelBlock
from tables.detect.plan import Plan, make
from tables.detect.series import SeriesBlock
from tables.detect.tenancy import Terms
from tables.detect.watch import Watch, by_metric
from tables.kernel.configuration import CONFIG, Configured
from tables.kernel.level import Level
from tables.kernel.machine import ALARM, HEAD
from tables.kernel.row import AnyRow as Row

LOOK: Level[dict[str, Any]] = Level("1.5", dict)
GATEWAY: Level[dict[str, Any]] = Level("2", dict)
ROSTER: Level[dict[str, Any]] = Level("8", dict)


class Detect(Configured):
    """Series, windows and rule states of the gateways of one partition."""

    stage = "detect"
    levels = (
        HEAD, CONFIG, LOOK, GATEWAY, Level("3", SeriesBlock), Level("3.5", DepartedBlock), Level("4", AggregateBlock),
        Level("4.5", ModelBlock), Level("5", StateBlock), EVENT, ROSTER, ALARM,
    )  # fmt: skip
    reads: ClassVar[Mapping[str, type[Message]]] = {
        "tick": Tick,
        "config": ConfigRevision,
        "backlog": VerdictBacklog,
    }
    entry = GATEWAY
    kinds = ("rule", "dismissal")
    terms = Terms()

    def __init__(self, name: str, signer: Signer, stored: Iterable[tuple[str, bytes]] = ()) -> None:
        """As every machine; batches that look like the ones before are read faster."""
        self.load = Recall().load
        super().__init__(name, signer, stored)

    def more_names(self, row: Row) -> tuple[str, ...]:
        """Models are looked for by their gateway, what is known of events by gateway or rule."""
        return (row.key[:-6],) if row.key.startswith(f"{unusual.LEVEL}/") else events.names(row.key)

    def compile(self) -> None:
        """Rules made ready; slots and plans are found again when a gateway is next heard."""
        super().compile()
        self.dismissed = subject.dismissed(self.of("dismissal"))
        rules = [rule for rule in self.of("rule") if isinstance(rule, Rule)]
        # The end of what was deleted has still to be said.
        gone = [rule for rule in self.deleted.values() if isinstance(rule, Rule)]
        self.rules = {rule.id: rule for rule in (*gone, *rules)}
        enabled = [rule for rule in rules if rule.enabled]
        self.watches = {rule.id: Watch(rule) for rule in enabled if rule.condition.event is None}
        self.event_watches = {rule.id: EventWatch(rule) for rule in enabled if rule.condition.event}
        self.awaited = event_edits.awaited(self.event_watches)
        self.inputs = by_metric(self.watches.values())
        self.indexes: dict[str, Index] = {}
        self.plans: dict[str, Plan] = {}
        self.debts = Debts(self.scan_sorted("5"))
        self.scope = EditScope(self.scan("3"), self.scan("5"))

    def rolled_back(self, keys: set[str]) -> None:
        """Only what the restored rows belong to is derived anew: a sender's mistake must not cost a whole partition."""
        if any(key.startswith("config/") for key in keys):
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
            self.dead_letter("source", why, "samples")
            return
        at = arrival.event_time(entry.value, batch, self.clock.now, self.terms.late)
        values, index = numbers.read(self, batch), self.index(batch.gateway)
        room.renew(self, entry, index)
        mark = [self.clock.now, self.offset]
        frames = gateway.arrive(entry.value, batch, at, self.clock.active, self.terms.unheard, mark)
        layout = index.layout(batch, partial(slots.place, self, entry, index, batch.source), self.scope)
        crowd.watch(self, entry, index)
        sources.heard(self, entry, batch, at, layout, values)
        moment = frame.Moment(at, entry.value["sources"][batch.source], {}, {}, {})
        for piece in layout.pieces:
            frame.take(self, index, piece, values[piece.positions], moment)
        frame.judge(self, index, moment)
        for complete in frames:
            completion.complete(self, index, batch.source, complete)
        entry.deadline = gateway.deadline(entry.value, self.terms)

    def on_event(self, message: Body) -> None:
        """Who owns what, who is no longer heard, and what rules about events have to say."""
        event = Event.read(message)
        owners = inventory.owners(event.attributes) if event.type == OWNERS else {}
        entry = self._enter(event.gateway, "event")
        if entry is None:
            return
        entry.value["spoke"] = self.clock.active
        if why := repeats.repeated(entry.value, event, self.clock.active):
            self.dead_letter("event", why, "event")
            return
        if event.type == OWNERS:
            ownership.take(self, entry, owners)
            self.plans.pop(event.gateway, None)  # who may dismiss what
            verdicts.again(self, self.index(event.gateway), verdicts.OWNERS)
        elif event.type == LOST:
            entry.value["trouble"] = gateway.trouble(event.attributes, self.clock.active)
        elif event.type == STOPPED:
            sources.stop(self, entry, event.source)
        edges.take(self, event)
        events.take(self, self.event_watches, event, self.terms.late)
        entry.deadline = gateway.deadline(entry.value, self.terms)

    def _enter(self, name: str, kind: str) -> Row | None:
        """The entry row of a gateway, opened first and always, but where there are too many gateways."""
        if why := roster.admit(self, name):
            self.dead_letter("gateway", why, kind)
            return None
        entry = self.open_entry_row(name)
        if entry is not None and entry.value.get("awaited", []) != self.awaited:
            events.expect(self, entry, self.event_watches, self.awaited)
        return entry

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
        """The moment of a judgement at an event time; what fires and ends while we are catching up has been missed."""
        return Now(at, self.clock.active_now, not self.clock.caught_up)

    # Time and configuration --------------------------------------------------------------------------------

    def after_input(self, kind: str) -> None:
        """What the input has found is said."""
        debts.settle(self, kind)

    def on_backlog(self, backlog: VerdictBacklog) -> None:
        """Blocks that owe more than a few verdicts say them."""
        debts.honour(self, backlog)

    def on_deadline(self, row: Row) -> None:
        """A gateway's source is late or silent, an instance has held for long enough, or a block has its round."""
        if row.key[0] == "2":
            sources.due(self, row)
            if not forgetting.due(self, row):
                crowd.watch(self, row, self.index(row.key[2:]))
                row.deadline = gateway.deadline(row.value, self.terms)
        elif row.key[0] == "5":
            deadlines.due(self, row)
        elif row.key.startswith(f"{EVENT.name}/"):
            events.due(self, row, self.event_watches, self.rules)
        else:
            sweep.due(self, row)

    def reconfigured(self, before: Owned | None, after: Owned | None) -> None:
        """A rule came, changed or went: the gateways that it concerns get or lose its instances."""
        if isinstance(known := after or before, Dismissal):
            subject.dismiss(self, before, after)
        if isinstance(known, Rule):
            self.rules[known.id] = known
            self.awaited = event_edits.edit(self, before, after, self.event_watches)
            rule_edit.edit(self, before, after)
