"""From moved instances to verdicts: one message a row and team."""

from __future__ import annotations

from msgspec.structs import replace

from streams.documents.conditions.threshold import SEVERITIES
from streams.messages.verdict import Verdict, Verdicts
from streams.topics import INBOX
from tables.detect.events import text
from tables.detect.events.state import NONE, EventInstance, EventRow
from tables.detect.events.watch import EventWatch
from tables.detect.health import inventory
from tables.detect.health.state import NOTHING, Gateway
from tables.detect.verdicts import periodic
from tables.kernel.configuration import Configured
from tables.kernel.row import AnyRow

REFRESH = 1_800_000  # active ms between words on what goes on firing
SECOND = 1_000  # ms
ByTeam = dict[tuple[str, str], list[Verdict]]


def publish(context: Configured, row: AnyRow, watch: EventWatch | None) -> None:
    """Say how the untold instances of an open row stand, and once in a while what goes on firing: again."""
    held: EventRow = row.value
    again = 0 < held.refresh <= context.clock.active
    gateway = row.key.partition("/")[2].rsplit("/", 2)[0]
    by_team: ByTeam = {}
    told = dict(held.instances)
    for name, instance in held.instances.items():
        if watch is None:
            # nobody knows its rule
            told[name] = replace(instance, told=instance.severity, blip=False, told_doubt=instance.doubt)
        elif instance.untold or (again and instance.told > NONE):
            told[name] = _tell(context, watch, gateway, name, instance, by_team)
    fires = any(instance.told > NONE for instance in told.values())
    refresh = held.refresh if fires and held.refresh > context.clock.active else 0
    refresh = refresh or (periodic.after(row.key, context.clock.active, REFRESH) if fires else 0)
    row.value = EventRow(told, refresh)
    _emit(context, row, by_team)


def _tell(
    context: Configured, watch: EventWatch, gateway: str, name: str, instance: EventInstance, by_team: ByTeam
) -> EventInstance:
    """One verdict to the team that owns the instance; another one that was told of it hears that it has moved."""
    entry: Gateway = context.get(context.entry, gateway) or NOTHING
    team, why = inventory.team(entry.inventory, instance.labels.get("upstream", ""), watch.rule.team)
    refresh = not instance.untold and team == instance.owner
    sequence = instance.sequence if refresh else max(instance.sequence + 1, context.clock.now // SECOND)
    told = replace(instance, sequence=sequence)
    verdict = _verdict(context, watch, gateway, name, told)
    if refresh:
        verdict = replace(verdict, refresh=True, reason=f"it still holds: {verdict.reason}")
    if instance.owner and instance.owner != team:
        gone = replace(verdict, state="ok", moved_to=team, reason=f"moved to team {team}: {why}")
        by_team.setdefault((instance.owner, "was told of it before"), []).append(gone)
    by_team.setdefault((team, why), []).append(verdict)
    if told.severity > NONE:
        return replace(told, told=told.severity, owner=team, blip=False, told_doubt=told.doubt)
    # until its sequence lies in the past it is remembered: an instance begins at the time in seconds
    rest = context.clock.active + SECOND * (sequence - context.clock.now // SECOND + 1)
    return replace(told, told=NONE, owner="", blip=False, due=min(told.due or rest, rest))


def _verdict(
    context: Configured, watch: EventWatch, gateway: str, name: str, instance: EventInstance
) -> Verdict:
    rule, fires = watch.rule, instance.severity > NONE
    missed = instance.blip and not fires
    why = text.reason(watch, instance)
    return Verdict(
        fingerprint=f"{gateway}|{rule.id}|{name}", sequence=instance.sequence, at=context.clock.now,
        since=instance.since, state="firing" if fires else "ok",
        severity=SEVERITIES[instance.severity] if fires else rule.severity,
        rule_id=rule.id, rule=rule.name, gateway=gateway, labels=instance.labels | {"gateway": gateway},
        value=float(instance.number) if watch.counted else None,
        message=text.message(watch, gateway, instance), valued_at=text.valued_at(watch, instance, context.clock.now),
        runbook=rule.runbook, rule_type=rule.rule_type, shadow=rule.shadow,
        reason=f"came and ended while Tocsin was away; {why}" if missed else why,
        routing=tuple(rule.routing.notify), escalation_policy=rule.escalation_policy or "", rule_team=rule.team,
        delayed=instance.blip or context.moment.delayed(instance.since), missed=missed,
        data_quality=(instance.doubt,) if instance.doubt and fires else (),
    )  # fmt: skip


def _emit(context: Configured, row: AnyRow, by_team: ByTeam) -> None:
    for (team, why), verdicts in sorted(by_team.items()):
        id, at = context.next_id(row), context.clock.now
        context.emit(INBOX, team, Verdicts(id=id, at=at, team=team, why_team=why, verdicts=verdicts))
