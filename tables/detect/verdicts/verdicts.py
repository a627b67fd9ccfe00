"""From moved instances to verdicts: one message a block and team, once we may speak.

What a block has to say is pending until it is published: at once, or where it is much by its backlog (see
`verdict_backlog`).
"""

from __future__ import annotations

import math

import numpy as np
from msgspec.structs import replace

from streams.documents.conditions.threshold import SEVERITIES
from streams.documents.rule import Rule
from streams.messages.verdict import AnomalyReading, Verdict, Verdicts
from streams.telemetry import series
from streams.topics import INBOX
from tables.detect.anomaly import scoring
from tables.detect.block_key import INSTANCE, gateway_of, number_of
from tables.detect.budget import burning
from tables.detect.columns import NEVER
from tables.detect.context import Context
from tables.detect.health import data_quality, inventory
from tables.detect.health.state import Gateway
from tables.detect.instances.instances import FIRING, SIZE, StateBlock
from tables.detect.instances.lifecycle import Cause, State
from tables.detect.levels import GATEWAY
from tables.detect.past import change
from tables.detect.series.slot_index import SlotIndex
from tables.detect.verdicts import burn_text, periodic, reason_text, verdict_text
from tables.detect.verdicts.verdict_text import Reading
from tables.kernel.row import AnyRow as Row

TOGETHER = 20  # verdicts in one message, so that it stays below the largest however long their labels are
VALUES = 300_000  # active ms between looks for what has another value than was told
OWNERS = ""  # why a block has to tell again: owners have changed; else the name of a source
ByTeam = dict[tuple[str, str], list[Verdict]]


def pending(context: Context, row: Row) -> list[int]:
    """The slots of which the world knows something else than what holds, or of which it has to be told again."""
    block: StateBlock = row.value
    slots = {*block.all_untold(), *(moved(context, row) if OWNERS in block.again else ())}
    doubted = set(block.again) - {OWNERS}
    if doubted:
        firing = map(int, np.flatnonzero(block.state >= FIRING))
        slots |= {slot for slot in firing if block.sources[slot] in doubted}
    return sorted(slots)


def publish(context: Context, row: Row) -> None:
    """Say how the pending slots of an open block stand now: nothing is pending after that."""
    by_team: ByTeam = {}
    for slot in pending(context, row):
        rule = context.rules.get(row.value.keys[slot][0])
        if rule is not None:
            _collect(context, row, slot, rule, by_team)
        else:
            row.value.tell(slot, "")  # there is nobody to tell of a rule that we have never heard of
    row.value.again = ()
    if row.value.owners and not row.value.values:
        row.value.values = periodic.after(row.key, context.clock.active, VALUES)
        periodic.rest(row)
    emit(context, row, by_team)


def emit(context: Context, row: Row, by_team: ByTeam) -> None:
    """One message a team, or several where it would be too large."""
    for (team, why), verdicts in sorted(by_team.items()):
        for first in range(0, len(verdicts), TOGETHER):
            some = verdicts[first : first + TOGETHER]
            id, at = context.next_id(row), context.clock.now
            context.emit(INBOX, team, Verdicts(id=id, at=at, team=team, why_team=why, verdicts=some))


def _collect(context: Context, row: Row, slot: int, rule: Rule, by_team: ByTeam) -> None:
    """The verdict for the slot's team; another team that was told of it firing hears that it has moved."""
    now = verdict(context, row, slot, rule)
    team, why = owner(context, row, now.labels, rule)
    if before := row.value.tell(slot, team):
        gone = replace(now, state="ok", moved_to=team, reason=f"moved to team {team}: {why}")
        by_team.setdefault((before, "was told of it before"), []).append(gone)
    by_team.setdefault((team, why), []).append(now)


def again(context: Context, index: SlotIndex, why: str) -> None:
    """Alerts have to be told of again, though they stand as they stood: a source is doubted, or owners have changed."""
    context.stirred.add(index.gateway)
    for _, known in index.blocks(INSTANCE):
        if concerned(context, known, why) and (row := context.open(known.key)) is not None:
            row.value.again = tuple(sorted({*row.value.again, why}))
            context.pending.add(row.key)


def concerned(context: Context, row: Row, why: str) -> bool:
    """Whether a block holds an alert of the source, or one that another team should have."""
    if why == OWNERS:
        return bool(moved(context, row))
    block: StateBlock = row.value
    return any(block.sources[slot] == why for slot in map(int, np.flatnonzero(block.state >= FIRING)))


def owner(context: Context, row: Row, labels: dict[str, str], rule: Rule) -> tuple[str, str]:
    """The team that an instance belongs to, and why."""
    entry = context.rows[GATEWAY.key(gateway_of(row.key))]
    return inventory.team(entry.value.inventory, labels.get("upstream", ""), rule.team)


def moved(context: Context, row: Row) -> list[int]:
    """The slots whose alert belongs to another team than the one that was told of it."""
    away: list[int] = []
    for slot, told in sorted(row.value.owners.items()):
        rule, key = row.value.keys[slot]
        of = context.rules.get(rule)
        if of is not None and owner(context, row, labels_of(key, gateway_of(row.key)), of)[0] != told:
            away.append(slot)
    return away


def verdict(context: Context, row: Row, slot: int, rule: Rule) -> Verdict:
    """What is to be told of a slot next."""
    block: StateBlock = row.value
    (id, key), name = block.keys[slot], gateway_of(row.key)
    labels, shown, since = labels_of(key, name), block.shown(slot), int(block.since[slot])
    entry, source, compiled = (
        context.rows[GATEWAY.key(name)].value,
        block.sources[slot],
        context.compiled_rules.get(id),
    )
    reading = _reading(context, row, slot, rule)
    blip, why = shown < 0 and bool(block.blip[slot]), reason_text.reason(rule, reading)
    message = verdict_text.message(rule, labels, reading, _cause(rule, entry, labels))
    doubts = data_quality.issues(entry, source, bool(compiled and compiled.counts))
    if reading.absent and _known(block.beyond_value[slot]) is not None:
        doubts = [*doubts, data_quality.absent(reading.missed)]
    return Verdict(
        fingerprint=f"{name}|{id}|{key}", sequence=int(block.turn[slot]) + 1, at=context.clock.now, since=since,
        state="ok" if shown < 0 else "firing", severity=SEVERITIES[shown] if shown >= 0 else rule.severity,
        rule_id=id, rule=rule.name, gateway=name, labels=labels,
        value=reading.value if reading.burn is None else burn_text.value(reading.burn, shown),
        message=message.text, valued_at=message.valued_at, runbook=rule.runbook,
        reason=f"fired and ended while Tocsin was away; {why}" if blip else why,
        routing=tuple(rule.routing.notify), rule_type=rule.rule_type, shadow=rule.shadow,
        escalation_policy=rule.escalation_policy or "", rule_team=rule.team,
        unknown=data_quality.unknown(entry, source), data_quality=tuple(doubts),
        delayed=blip or context.moment.delayed(since), missed=blip, anomaly=reading.unusual,
    )  # fmt: skip


def _cause(rule: Rule, entry: Gateway, labels: dict[str, str]) -> str:
    """Why the upstream of an alert cannot be reached, in the gateway's words."""
    upstream = labels.get("upstream", "")
    return inventory.cause(entry.inventory, upstream) if rule.condition.unreachable == "upstream" else ""


def _reading(context: Context, row: Row, slot: int, rule: Rule) -> Reading:
    """What is known of a slot."""
    block: StateBlock = row.value
    shown, cause = block.shown(slot), int(block.cause[slot])
    absent = shown >= 0 and cause == Cause.ABSENT
    # what came last says nothing of what is missing
    seen = _unusual(context, row, slot, shown >= 0) if rule.condition.anomaly and not absent else None
    if seen and cause in (Cause.GONE, Cause.REMOVED):
        seen = replace(seen, ended="usual")  # not how this alert ends
    passed = int(block.breached[slot, max(shown, 0)])
    return Reading(
        state=State(int(block.state[slot])), cause=cause, severity=shown,
        value=None if absent else _value(rule, seen, _known(block.value[slot])), at=int(block.at[slot]),
        beyond=None if rule.condition.anomaly else _known(block.beyond_value[slot]),
        beyond_at=int(block.beyond_at[slot]), now=context.clock.now,
        passed=None if passed == NEVER else passed, missed=abs(rule.condition.missed), absent=absent, unusual=seen,
        first=_known(block.first_value[slot]), since=int(block.since[slot]),
        burn=burning.shown(context, gateway_of(row.key), number_of(row.key) * SIZE + slot)
        if rule.condition.burn_rate and not absent else None,
        watched=slot not in block.unwatched or shown < 0, stopped=_stopped(context, row, slot),
        then=_then(context, row, slot, rule, int(block.at[slot])),
        beyond_then=_then(context, row, slot, rule, int(block.beyond_at[slot])),
    )  # fmt: skip


def _known(number: float) -> float | None:
    return None if math.isnan(number) else float(number)


def _stopped(context: Context, row: Row, slot: int) -> bool:
    """Whether a rule still reads an instance that ended, and nobody sends it since its source was stopped."""
    block: StateBlock = row.value
    if int(block.cause[slot]) != Cause.REMOVED or block.sources[slot]:
        return False
    number = number_of(row.key) * SIZE + slot
    return any(use.state == number for use in context.index(gateway_of(row.key)).uses.of(block.keys[slot][0]))


def _then(context: Context, row: Row, slot: int, rule: Rule, at: int) -> float | None:
    """What the value of an instant is compared with; None where that is not known, or the rule compares nothing."""
    return _known(change.earlier(context, row, slot, at)) if rule.condition.compared_to else None


def _value(rule: Rule, seen: AnomalyReading | None, known: float | None) -> float | None:
    """The value of what is judged: an anomaly rule judges scores, and nobody else reads them as values."""
    if rule.condition.anomaly is None or known is None:
        return known
    return seen.value if seen else None


def _unusual(context: Context, row: Row, slot: int, firing: bool) -> AnomalyReading | None:
    """What the model says of the instance, with its latest rows where somebody will look at them."""
    return scoring.shown(context, gateway_of(row.key), number_of(row.key) * SIZE + slot, firing)


def labels_of(key: str, gateway: str) -> dict[str, str]:
    """The labels of an instance, by the text that names it, its gateway's name among them."""
    text = f"_{key}" if key[:1] in ("", "{") else key  # a group has labels, or not even those, but no name
    return dict(series.parse(text).labels) | {"gateway": gateway}
