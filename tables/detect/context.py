"""What a step may use: the moment, the rules made ready, the rows, and what is derived from them for each gateway."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from streams.documents.recorded import looped
from streams.documents.rule import Rule
from streams.signature import Signer
from streams.telemetry.recall import Recall
from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.aggregate.input_index import InputIndex
from tables.detect.aggregate.plan import Plan, make
from tables.detect.anomaly.anomaly_targets import dismissed, subjects
from tables.detect.block_key import AGGREGATE, INSTANCE, MODEL, PAST, SERIES, gateway_of
from tables.detect.budget.budget_target import BudgetTarget, budget_target
from tables.detect.budget.state import BUDGET, BURN
from tables.detect.composite.watch import composite_watch
from tables.detect.events import edits as event_edits
from tables.detect.events import pipeline as events
from tables.detect.events.watch import EventWatch
from tables.detect.health.state import NOTHING, Gateway
from tables.detect.instances import instances
from tables.detect.instances.lifecycle import Now
from tables.detect.levels import GATEWAY, LEVELS
from tables.detect.past.change_targets import change_targets
from tables.detect.recording.recorded_source import recorders
from tables.detect.series.edit_scope import EditScope
from tables.detect.series.slot_history import Terms
from tables.detect.series.slot_index import SlotIndex
from tables.detect.verdicts.pending_blocks import PendingBlocks
from tables.detect.windows.window_bank import WindowBank
from tables.kernel.configuration import Configured
from tables.kernel.level import level_name, owner_of
from tables.kernel.row import AnyRow as Row

BLOCKS = frozenset({MODEL, PAST, BUDGET.name, BURN.name})  # levels whose rows are looked for by their gateway


class Context(Configured):
    """One partition as the present input finds it. `pending`: the blocks that may have something to publish after it.

    `rules`: by id, those that were deleted included, since their end has still to be told; `compiled_rules`,
    `event_watches` and `composites`: the enabled ones made ready; `inputs`: what they read; `backlog`: the blocks that
    have still to publish something.
    """

    stage = "detect"
    levels = LEVELS
    entry = GATEWAY
    kinds = ("rule", "dismissal")
    terms = Terms()

    def __init__(self, name: str, signer: Signer, stored: Iterable[tuple[str, bytes]] = ()) -> None:
        """As every machine; batches that look like the ones before are read faster."""
        self.load = Recall().load
        super().__init__(name, signer, stored)

    def more_names(self, row: Row) -> tuple[str, ...]:
        """Models, pasts and budgets are looked for by their gateway, what is known of events by gateway or rule."""
        return (row.key[:-6],) if level_name(row.key) in BLOCKS else events.names(row.key)

    def compile(self) -> None:
        """Rules made ready; slots and plans are found again when a gateway is next heard."""
        super().compile()
        self.dismissed = dismissed(self.of("dismissal"))
        rules = [rule for rule in self.of("rule") if isinstance(rule, Rule)]
        # The end of what was deleted has still to be said.
        gone = [rule for rule in self.deleted.values() if isinstance(rule, Rule)]
        self.rules = {rule.id: rule for rule in (*gone, *rules)}
        enabled = [rule for rule in rules if rule.enabled]
        self.compiled_rules = {rule.id: CompiledRule(rule) for rule in enabled if rule.condition.reads_series}
        self.event_watches = {rule.id: EventWatch(rule) for rule in enabled if rule.condition.event}
        self.composites = {
            rule.id: composite_watch(rule, self.rule_named)
            for rule in enabled
            if rule.condition.composite is not None
        }
        self.awaited = event_edits.awaited(self.event_watches)
        self.looped = looped(enabled)
        self.inputs = InputIndex(self.compiled_rules.values())
        self.indexes: dict[str, SlotIndex] = {}
        self.plans: dict[str, Plan] = {}
        self.backlog = PendingBlocks(self.scan_sorted(INSTANCE))
        self.scope = EditScope(self.scan(SERIES), self.scan(INSTANCE))

    def rolled_back(self, keys: set[str]) -> None:
        """Only what the restored rows belong to is derived anew: a sender's mistake must not cost a whole partition."""
        if any(key.startswith("config/") for key in keys):
            self.compile()
            return
        for key in keys:
            name = owner_of(key) if level_name(key) == GATEWAY.name else gateway_of(key)
            self.indexes.pop(name, None)
            self.plans.pop(name, None)
        self.pending |= {key for key in keys if level_name(key) == INSTANCE}

    def begin(self, offset: int) -> None:
        """Turn to the next input."""
        super().begin(offset)
        self.pending: set[str] = set()  # the blocks that it gave something to say, perhaps
        self.stirred: set[str] = set()  # the gateways of which all composite rules are to be judged

    def gateway(self, name: str) -> Gateway:
        """What the entry row of a gateway holds; of one that is not known, nothing."""
        return self.get(GATEWAY, name) or NOTHING

    def rule_named(self, team: str, name: str) -> Rule | None:
        """The rule of a team that has a name."""
        return self.document(Rule, team, name)

    def known_gateway(self, name: str) -> bool:
        """Whether the gateway's entry row is there."""
        return self.get(GATEWAY, name) is not None

    def open_entry_row(self, owner: str) -> Row | None:
        """As every machine; a gateway that is new begins with nothing known."""
        row = super().open_entry_row(owner)
        if row is not None and row.value is None:
            row.value = NOTHING
        return row

    def index(self, name: str) -> SlotIndex:
        """The gateway's slots, read from its blocks on first use."""
        if name not in self.indexes:
            self.indexes[name] = SlotIndex(name, self.rows, self.inputs, self.offset, self.terms.rest)
        if self.indexes[name].replay(self.offset, self.inputs):
            self.plans.pop(name, None)
        return self.indexes[name]

    def plan(self, index: SlotIndex) -> Plan:
        """Which slots feed which; made anew after slots or rules have come."""
        if index.gateway not in self.plans:
            watched = {number: self.compiled_rules.get(rule) for (rule, _), number in index.states.items()}
            known = subjects(index, self.compiled_rules, self.dismissed, self.rows, self.offset)
            changes = change_targets(index.states, self.compiled_rules)
            budgets = self._budgets(index)
            recording = recorders(index.states.items(), self.compiled_rules, self.looped)
            named = {id for composite in self.composites.values() for id in composite.ids}
            index.bank = None  # which windows are read together is another matter now
            self.plans[index.gateway] = make(index.uses, watched, known, budgets, changes, recording, named)
        return self.plans[index.gateway]

    def undoable(self, key: str, undo: Callable[[], object]) -> None:
        """Something is written in place that belongs to a row: `undo` restores it where the work fails."""
        self.undo.append((key, undo))

    def windows(self, index: SlotIndex) -> WindowBank:
        """The windows of a gateway as its blocks have them now."""
        plan = self.plan(index)
        if index.bank is None:
            keys = [(block, index.key(AGGREGATE, block)) for block in plan.windows]
            index.bank = WindowBank(partial(self.undoable, index.key(AGGREGATE, 0)), keys)
        index.bank.take_up(self.rows)
        return index.bank

    def _budgets(self, index: SlotIndex) -> dict[int, dict[int, BudgetTarget]]:
        budgets: dict[int, dict[int, BudgetTarget]] = {}
        for (rule, key), number in index.states.items():
            compiled = self.compiled_rules.get(rule)
            if compiled is not None and compiled.rule.condition.burn_rate is not None:
                budgets.setdefault(number // instances.SIZE, {})[number % instances.SIZE] = budget_target(
                    compiled, key
                )
        return budgets

    def now(self, at: int) -> Now:
        """The moment of a judgement at an event time; what fires and ends while we are catching up has been missed."""
        return Now(at, self.clock.active_now, not self.clock.caught_up)
