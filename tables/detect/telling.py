"""From moved instances to verdicts: one message a block and team, once we may speak."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from streams import series
from streams.rule import SEVERITIES, Rule
from streams.said import Verdict, Verdicts
from streams.topics import INBOX
from tables.detect import gateway, wording
from tables.detect.judge import State
from tables.detect.state import StateBlock
from tables.row import Row

if TYPE_CHECKING:
    from tables.detect.machine import Detect


def tell(machine: Detect, row: Row, slots: list[int], rule: Rule | None = None) -> None:
    """Say how these slots stand now; what cannot be said yet is for the next tick."""
    if not slots:
        return
    if not (machine.complete and machine.clock.attending):
        machine.untold.add(row.key)
        return
    entry, by_team = machine.rows[f"2/{row.key[2:-6]}"], dict[tuple[str, str], list[Verdict]]()
    for slot in sorted(slots):
        of = rule or _rule(machine, row.value.keys[slot][0])
        if of is not None:
            verdict = _verdict(machine, row, slot, of)
            owner = gateway.team(entry.value, verdict.labels.get("upstream", ""), of.team)
            by_team.setdefault(owner, []).append(verdict)
    for (team, why), verdicts in sorted(by_team.items()):
        machine.say(row, INBOX, team, Verdicts, team=team, why_team=why, verdicts=verdicts)


def _rule(machine: Detect, id: str) -> Rule | None:
    if watch := machine.watches.get(id):
        return watch.rule
    # disabled or deleted: its end has still to be said
    known = (*machine.of("rule"), *machine.former.values())
    return next((rule for rule in known if isinstance(rule, Rule) and rule.id == id), None)


def _verdict(machine: Detect, row: Row, slot: int, rule: Rule) -> Verdict:
    block: StateBlock = row.value
    key, name = block.keys[slot][1], row.key[2:-6]
    labels = _labels(key, name)
    state, shown = State(int(block.state[slot])), block.shown(slot)
    value, blip = float(block.value[slot]), shown < 0 and bool(block.blip[slot])
    block.tell(slot)
    since, known = int(block.since[slot]), None if math.isnan(value) else value
    why = wording.reason(rule, state, int(block.cause[slot]), abs(rule.condition.missed))
    return Verdict(
        instance=f"{name}|{rule.id}|{key}", turn=int(block.turn[slot]), at=machine.clock.now, since=since,
        state="ok" if shown < 0 else "firing", severity=SEVERITIES[shown] if shown >= 0 else rule.severity,
        rule_id=rule.id, rule=rule.name, gateway=name, labels=labels, value=known,
        message=wording.message(rule, labels, known, shown), runbook=rule.runbook,
        reason=f"fired and ended while Tocsin was away; {why}" if blip else why,
        routing=rule.routing.model_dump(), escalation_policy=rule.escalation_policy or "",
        delayed=blip or machine.clock.delayed(since),
    )  # fmt: skip


def _labels(key: str, gateway: str) -> dict[str, str]:
    text = f"_{key}" if key[:1] in ("", "{") else key  # a group has labels, or not even those, but no name
    return dict(series.parse(text).labels) | {"gateway": gateway}
