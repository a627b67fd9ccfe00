"""The detect machine: telemetry of one partition in, verdicts out.

A frame's values go down the levels in one pass: entry, series blocks, windows, states. Single-series rules are
judged at once; grouped rules, and what is missing, when the frame is complete or has waited long enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from msgspec.structs import replace

from streams.documents.dismissal import Dismissal
from streams.documents.document import Owned
from streams.documents.rule import Rule
from streams.errors import Unlisted
from streams.messages.bulk import VerdictBacklog
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Body, Message
from streams.messages.event import LOST, OWNERS, STOPPED, Event
from streams.messages.tick import Tick
from streams.telemetry import samples
from tables.detect import completion, frame, rule_edit, sample_values
from tables.detect.aggregate.evaluation import Evaluation
from tables.detect.anomaly import dismissals
from tables.detect.block_key import INSTANCE, PAST
from tables.detect.budget.state import BUDGET, BURN
from tables.detect.composite import edits as composite_edits
from tables.detect.composite import pipeline as composites
from tables.detect.context import Context
from tables.detect.events import edits as event_edits
from tables.detect.events import pipeline as events
from tables.detect.events.state import COMPOSITE, EVENT
from tables.detect.health import (
    canary,
    cardinality_limit,
    edges,
    event_dedup,
    event_time,
    forgetting,
    gateway,
    inventory,
    reassignment,
    roster,
    source_health,
)
from tables.detect.health.state import Mark
from tables.detect.instances import deadlines
from tables.detect.layout import layouts
from tables.detect.levels import CANARY, GATEWAY, LAYOUTS
from tables.detect.recording import edits as recording_edits
from tables.detect.series import ownership, slot_allocation, slot_bound, slot_gc
from tables.detect.verdicts import verdict_backlog, verdicts
from tables.kernel.level import level_name, owner_of
from tables.kernel.row import AnyRow as Row


class Detect(Context):
    """Series, windows and rule states of the gateways of one partition."""

    reads: ClassVar[Mapping[str, type[Message]]] = {
        "tick": Tick,
        "config": ConfigRevision,
        "backlog": VerdictBacklog,
    }

    # Inputs ------------------------------------------------------------------------------------------------

    def on_samples(self, message: Body) -> None:
        """One part of a frame."""
        try:
            batch = samples.read(message, partial(layouts.find, self))
        except Unlisted as missed:
            self._on_unlisted(missed)
            return
        entry = self._enter(batch.gateway, "samples", batch)
        if entry is None:
            return
        if why := gateway.surplus(entry.value, batch):
            self.dead_letter("source", why, "samples")
            return
        at = event_time.event_time(entry.value, batch, self.clock.now, self.terms.late)
        values, index = sample_values.read(self, batch), self.index(batch.gateway)
        slot_bound.renew(self, entry, index)
        mark = Mark(self.clock.now, self.offset)
        entry.value, frames = gateway.arrive(
            entry.value, batch, at, self.clock.active, self.terms.unheard, mark
        )
        looks = gateway.looks(entry.value.sources[batch.source])
        ownership.settle(self, index)
        layout = index.layouts.of(
            batch, partial(slot_allocation.place, self, entry, index, batch.source), self.scope, looks
        )
        cardinality_limit.watch(self, entry, index)
        source_health.heard(self, entry, batch, at, layout, values)
        moment = Evaluation.of(at, entry.value.sources[batch.source])
        frame.take(self, index, layout.pieces, values, moment)
        if frames == [at]:  # what is judged at once and by the frame as a whole is judged together
            completion.complete(self, index, batch.source, at, moment)
        else:
            frame.judge(self, index, moment)
            for complete in frames:
                completion.complete(self, index, batch.source, complete)
        entry.deadline = gateway.deadline(entry.value, self.terms)

    def on_event(self, message: Body) -> None:
        """Who owns what, who is no longer heard, and what rules about events have to say."""
        event = Event.read(message)
        if canary.concerns(event):
            canary.fly(self, event)
            return
        owners = inventory.owners(event.attributes) if event.type == OWNERS else None
        entry = self._enter(event.gateway, "event")
        if entry is None:
            return
        if why := event_dedup.repeated(entry.value, event, self.clock.active):
            entry.value = replace(entry.value, spoke=self.clock.active)
            self.dead_letter("event", why, "event")
            return
        entry.value = event_dedup.remember(entry.value, event, self.clock.active)
        if owners is not None:
            reassignment.take(self, entry, owners)
            self.plans.pop(event.gateway, None)  # who may dismiss what
            verdicts.again(self, self.index(event.gateway), verdicts.OWNERS)
        elif event.type == LOST:
            trouble = gateway.trouble(event.attributes, self.clock.active)
            entry.value = replace(entry.value, trouble=trouble)
        elif event.type == STOPPED:
            source_health.stop(self, entry, event.source)
        edges.take(self, event)
        events.take(self, self.event_watches, event, self.terms.late)
        entry.deadline = gateway.deadline(entry.value, self.terms)

    def _on_unlisted(self, missed: Unlisted) -> None:
        """A batch names a list that is not known: it is as if it had not come, but its source is there."""
        if (entry := self._enter(missed.gateway, "samples")) is not None:
            entry.value = gateway.unlisted(entry.value, missed.source, self.clock.active)
            entry.deadline = gateway.deadline(entry.value, self.terms)

    def _enter(self, name: str, kind: str, batch: samples.Batch | None = None) -> Row | None:
        """The entry row of a gateway, opened first and always, but where there are too many gateways.

        What lies upstream of it, the list of series that a batch tells, is noted before.
        """
        if why := roster.admit(self, name):
            self.dead_letter("gateway", why, kind)
            return None
        known = self.rows.get(GATEWAY.key(name))
        if known is not None and known.born > self.offset:
            return None  # it was taken up by a later message
        if batch is not None and batch.tells:
            layouts.note(self, batch)
        entry = self.open_entry_row(name)
        if entry is not None and entry.value.awaited != tuple(self.awaited):
            events.expect(self, entry, self.event_watches, self.awaited)
        return entry

    # Time and configuration --------------------------------------------------------------------------------

    def after_input(self, kind: str) -> None:
        """What the input has found is said; rules about other rules are judged by what these found."""
        composites.follow(self)
        verdict_backlog.publish_or_defer(self, kind)

    def on_backlog(self, backlog: VerdictBacklog) -> None:
        """Blocks that have more than a few verdicts to publish say them."""
        verdict_backlog.drain(self, backlog)

    def on_deadline(self, row: Row) -> None:
        """A gateway's source is late or silent, an instance has held for long enough, or a block has its round."""
        level = level_name(row.key)
        if level == LAYOUTS.name:
            layouts.due(self, row)
        elif level == GATEWAY.name:
            source_health.due(self, row)
            if not forgetting.due(self, row):
                cardinality_limit.watch(self, row, self.index(owner_of(row.key)))
                row.deadline = gateway.deadline(row.value, self.terms)
        elif level == INSTANCE:
            deadlines.due(self, row)
        elif level == CANARY.name:
            canary.end(self, row)
        elif level in (PAST, BUDGET.name, BURN.name):
            self.mark_deleted(row)
        elif level in (EVENT.name, COMPOSITE.name):
            self._on_event_deadline(row, level)
        else:
            slot_gc.due(self, row)

    def _on_event_deadline(self, row: Row, level: str) -> None:
        """Instances of a rule about events, or about rules, have held for long enough; what failed is judged anew."""
        if level == EVENT.name:
            events.due(self, row, self.event_watches, self.rules)
            return
        if row.quarantine is not None:
            self.stirred.add(events.parts(row.key)[0])
        watches = {id: composite.watch for id, composite in self.composites.items()}
        events.due(self, row, watches, self.rules)

    def reconfigured(self, before: Owned | None, after: Owned | None) -> None:
        """A rule came, changed or went: the gateways that it concerns get or lose its instances."""
        if isinstance(known := after or before, Dismissal):
            dismissals.dismiss(self, before, after)
        if isinstance(known, Rule):
            self.rules[known.id] = known
            self.awaited = event_edits.edit(self, before, after, self.event_watches)
            rule_edit.edit(self, before, after)
            recording_edits.edit(self, before, after)
            composite_edits.edit(self, before, after)
