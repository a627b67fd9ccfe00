"""Level 8, escalations: who is told of a group, when, until somebody has it; and who must hear that it is over.

The row's one deadline says when the next thing is due; `due` acts on what the row says then:
`new` (alerts to tell of), the next step of the frozen policy, a repeat, or the end of its life.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.duration import spell
from streams.said import Receipt
from tables.respond import group, notice, routing
from tables.respond.lifecycle import Status
from tables.row import Row

if TYPE_CHECKING:
    from tables.respond.machine import Respond

GROUP_WAIT = 30_000  # attended ms before a group that is not critical is told of, so that it gathers
GROUP_INTERVAL = 300_000  # between a message and one about later joiners
REPEAT = 14_400_000  # between repeats once all steps are through; info never repeats
BOUNDED_WAIT = 60_000  # how long a step waits for a delivery receipt before its delay runs all the same
REST = 600_000  # how long a closed escalation waits for late receipts


def decide(machine: Respond, group_row: Row, alert: dict[str, Any], joined: bool, worse: bool) -> None:
    """A group has changed: what that means for people."""
    row = machine.open("8" + group_row.key[1:])
    if row is None:
        return
    row.value["group"] = dict(group_row.value)
    firing, open_ = group.count(group_row.value, Status.FIRING), group.count(group_row.value)
    if not open_:
        _close(machine, row, alert)
    elif not firing:
        _stop(machine, row, f"acknowledged by {alert['acknowledged_by']}")
    elif joined or worse:
        _begin(machine, row, alert, worse)


def _begin(machine: Respond, row: Row, alert: dict[str, Any], worse: bool) -> None:
    clock, fresh = machine.clock, row.value.get("state") != "open"
    critical = alert["severity"] == "critical"
    if fresh:
        anew = row.value.get("state") != "acknowledged"
        why = "first alert" if anew else "a new alert joined after acknowledgement"
        row.value |= {"state": "open", "step": -1, "round": 0, "new": "severity rose" if worse else why}
        row.value |= {"pending": {}, "at": alert["since"], "resorted": False}
        row.value |= {"heard": [], "asked": [], "told": None} if anew else {}
        row.value["plan"] = routing.snapshot(machine, row.value["group"], alert["severity"])
        _sooner(row, clock.attended + (0 if critical else GROUP_WAIT))
    elif worse:
        row.value["new"] = f"severity rose to {alert['severity']}"
        _sooner(row, clock.attended)
    else:
        row.value["new"] = row.value.get("new") or "more alerts joined"
        told, wait = row.value["told"], clock.attended + (0 if critical else GROUP_WAIT)
        _sooner(row, wait if told is None else max(clock.attended, told + GROUP_INTERVAL))
    if row.wake is not None and row.wake <= clock.attended:
        row.wake = clock.attended + 1
        machine.hasty.add(row.key)


def _sooner(row: Row, wake: int) -> None:
    row.wake = wake if row.wake is None else min(row.wake, wake)


def _stop(machine: Respond, row: Row, reason: str) -> None:
    row.value |= {"state": "acknowledged", "new": "", "pending": {}}
    row.wake = None
    notice.cancel(machine, row, reason)


def _close(machine: Respond, row: Row, alert: dict[str, Any]) -> None:
    never = row.value.get("state") == "open" and not row.value.get("asked")
    if never:
        if machine.clock.delayed(row.value["at"]):
            machine.summarise(alert)
        notice.note(machine, row, "not sent", "it was over before its group was told of")
    notice.cancel(machine, row, "resolved")
    for to in row.value.get("heard", []):
        why = f"it is over: {alert.get('resolved_by') or 'detect'} says so; you heard of the firing"
        notice.tell(machine, row, [to], "resolved", why, [alert])
    over, last = row.value.get("heard", []), group.line(alert).model_dump()
    row.value |= {"state": "closed", "new": "", "over": over, "last": last}
    row.wake = machine.clock.attended + REST


def due(machine: Respond, row: Row) -> None:
    """The deadline has come."""
    if row.value.get("state") == "closed":
        machine.kill(row)
    elif not machine.speaking:
        row.wake = machine.clock.attended + 1_000
    elif row.value.get("state") == "open":
        _act(machine, row)


def _act(machine: Respond, row: Row) -> None:
    value = row.value
    plan: routing.Snapshot = value["plan"]
    why, value["new"] = value.get("new", ""), ""
    if why and value["step"] >= 0:  # told before: tell the same people again
        notice.tell(machine, row, value["asked"], "firing", why, [])
        row.wake = max(value.get("next", 0), machine.clock.attended + 1_000)
        return
    value["step"] += 1
    if value["step"] >= len(plan["steps"]):
        value["step"], value["round"] = 0, value["round"] + 1
    if value["round"] >= plan["rounds"]:
        _exhausted(machine, row)
        return
    first = value["step"] == 0 and value["round"] == 0
    targets = plan["steps"][value["step"]][1]
    reason = f"nobody acknowledged: step {value['step'] + 1}, round {value['round'] + 1}"
    if first:
        reason = f"{why}; {plan['why']}"
        for warning in plan["warnings"]:
            notice.note(machine, row, "warning", warning)
    notice.tell(machine, row, targets, "firing" if first else "escalated", reason, [])
    row.wake = value["next"] = machine.clock.attended + BOUNDED_WAIT + _after(plan, value["step"])


def _after(plan: routing.Snapshot, step: int) -> int:
    steps = plan["steps"]
    following = (step + 1) % len(steps)
    return int(steps[following][0]) or GROUP_INTERVAL


def _exhausted(machine: Respond, row: Row) -> None:
    value, last = row.value, row.value["plan"]["last_resort"]
    if last and not value.get("resorted"):
        value["resorted"] = True
        notice.tell(machine, row, last, "escalated", "nobody acknowledged in any round: last resort", [])
    elif group.severity(value["group"]) != "info":
        why = f"still firing, nobody has acknowledged; repeated every {spell(REPEAT)}"
        notice.tell(machine, row, value["asked"], "reminder", why, [])
    if group.severity(value["group"]) != "info":
        row.wake = value["next"] = machine.clock.attended + REPEAT


def receive(machine: Respond, receipt: Receipt) -> None:
    """What became of a notification: it was heard, or nobody could be reached."""
    row = machine.open(f"8/{receipt.group}")
    if row is None or not row.value:
        return
    value = row.value
    mine = value.get("pending", {}).get(receipt.notification) is not None
    value["pending"] = {id: to for id, to in value.get("pending", {}).items() if id != receipt.notification}
    if receipt.result == "delivered" and receipt.what in ("firing", "escalated", "reminder"):
        _heard(machine, row, receipt.to, mine)
    elif receipt.result == "failed" and mine and not value["pending"] and value.get("state") == "open":
        last = value["step"] + 1 >= len(value["plan"]["steps"])
        when = f"the next round begins in {spell(BOUNDED_WAIT)}" if last else "the next step goes at once"
        words = f"step {value['step'] + 1} reached nobody ({receipt.reason}): {when}"
        notice.note(machine, row, "unreached", words)
        value["next"] = machine.clock.attended + (BOUNDED_WAIT if last else 1)
        _sooner(row, value["next"])


def _heard(machine: Respond, row: Row, to: str, mine: bool) -> None:
    value = row.value
    value["heard"] = sorted({*value.get("heard", []), to})
    if value.get("state") == "closed" and to not in value["over"]:
        value["over"] = value["heard"]
        why = "it is over; the firing notice had only just reached you"
        notice.tell(machine, row, [to], "resolved", why, [_ended(value)])
    elif value.get("state") == "open" and mine and value["round"] < value["plan"]["rounds"]:
        value["next"] = machine.clock.attended + _after(value["plan"], value["step"])
        if not value.get("new"):
            row.wake = value["next"]


def _ended(value: dict[str, Any]) -> dict[str, Any]:
    last = value["last"]
    return {**last, "id": last["alert_id"], "triggered_at": last["since"]}
