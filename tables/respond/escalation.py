"""Level 8, escalations: who is told of a group, when, until somebody has it; and who must hear that it is over.

The row's one deadline says when the next thing is due; `due` acts on what the row says then:
`new` (alerts to tell of), the next step of the frozen policy, a repeat, or the end of its life.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.duration import spell
from streams.said import Receipt, Severity
from tables.respond import group, notice, routing
from tables.respond.lifecycle import RANK, Status
from tables.respond.line import line
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
    row.value["group"] = {name: value for name, value in group_row.value.items() if name != "lines"}
    firing, open_ = group.count(group_row.value, Status.FIRING), group.count(group_row.value)
    if not open_:
        _over(machine, row, alert)
    elif not firing:
        _stop(machine, row, alert)
    elif joined or worse:
        _begin(machine, row, alert, worse)


def _begin(machine: Respond, row: Row, alert: dict[str, Any], worse: bool) -> None:
    value, clock, worst = row.value, machine.clock, group.severity(row.value["group"])
    wait = clock.attended + (0 if alert["severity"] == "critical" else GROUP_WAIT)
    if value.get("state") != "open":
        _open(machine, row, alert, "severity rose" if worse else "")
        row.wake = wait
    else:
        rose = RANK[worst] > RANK[value["for"]]
        if rose:
            _reroute(machine, row, worst)
        _news(value, clock.attended, wait, f"severity rose to {worst}" if worse or rose else "")
        _sooner(row, value["news"])
    if row.wake is not None and row.wake <= clock.attended:
        row.wake = clock.attended + 1
        machine.hasty.add(row.key)


def _news(value: dict[str, Any], attended: int, wait: int, urgent: str) -> None:
    """When those who were told hear of it again; who has not been told hears of it in the first message."""
    told: int | None = value["told"]
    pending, when = value["new"] and value["step"] >= 0, wait
    if urgent and told is not None:
        value["new"], when = urgent, attended
    elif told is not None and value["step"] >= 0:
        value["new"], when = value["new"] or "more alerts joined", max(attended, told + GROUP_INTERVAL)
    value["news"] = min(when, value["news"]) if pending else when


def _open(machine: Respond, row: Row, alert: dict[str, Any], why: str) -> None:
    value, worst = row.value, group.severity(row.value["group"])
    anew = value.get("state") != "acknowledged"
    value["new"] = why or ("first alert" if anew else "a new alert joined after acknowledgement")
    value |= {"state": "open", "step": -1, "round": 0, "news": 0, "for": worst}
    value |= {"pending": {}, "at": alert["since"], "resorted": False, "also": []}
    value |= {"heard": [], "asked": [], "told": None, "most": 0} if anew else {}
    value["plan"] = routing.snapshot(machine, value["group"], worst)


def _reroute(machine: Respond, row: Row, worst: Severity) -> None:
    """A group that became worse may belong to others: their steps begin, and who was asked before hears of it too."""
    value, plan = row.value, routing.snapshot(machine, row.value["group"], worst)
    value["for"] = worst
    if plan["why"] != value["plan"]["why"] and plan["steps"] != value["plan"]["steps"]:
        value |= {"plan": plan, "step": -1, "round": 0, "resorted": False, "also": value["asked"]}


def _sooner(row: Row, wake: int) -> None:
    row.wake = wake if row.wake is None else min(row.wake, wake)


def _stop(machine: Respond, row: Row, alert: dict[str, Any]) -> None:
    if row.value["state"] == "acknowledged":
        return
    row.value |= {"state": "acknowledged", "new": "", "pending": {}}
    row.wake, by = None, alert["acknowledged_by"]
    notice.cancel(machine, row, f"acknowledged by {by}" if by else "what nobody had acknowledged is over")


def _over(machine: Respond, row: Row, alert: dict[str, Any]) -> None:
    if row.value.get("state") != "closed":  # else it fired and ended while we were away: a summary says so
        _close(machine, row, alert)


def _close(machine: Respond, row: Row, alert: dict[str, Any]) -> None:
    never = row.value.get("state") == "open" and not row.value.get("asked")
    if never:
        if machine.clock.delayed(row.value["at"]):
            machine.summarise(alert)
        notice.note(machine, row, "not sent", "it was over before its group was told of")
    notice.cancel(machine, row, "resolved")
    heard: list[str] = [] if alert.get("moved_to") else row.value.get("heard", [])
    for to in heard:
        why = f"it is over: {alert.get('resolved_by') or 'detect'} says so; you heard of the firing"
        notice.tell(machine, row, [to], "resolved", why, [alert])
    over, last = row.value.get("heard", []), line(alert).model_dump()
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
    value, attended = row.value, machine.clock.attended
    if value["new"] and value["step"] >= 0 and attended >= value["news"]:
        why, value["new"] = value["new"], ""
        notice.tell(machine, row, value["asked"], "firing", why, [])
        _wait(row, max(value.get("next", 0), attended + 1_000))
        return
    plan: routing.Snapshot = value["plan"]
    value["step"] += 1
    if value["step"] >= len(plan["steps"]):
        value["step"], value["round"] = 0, value["round"] + 1
    if value["round"] >= plan["rounds"]:
        _exhausted(machine, row)
        return
    _step(machine, row, plan)
    _wait(row, attended + BOUNDED_WAIT + _after(plan, value["step"]))


def _step(machine: Respond, row: Row, plan: routing.Snapshot) -> None:
    value, targets = row.value, plan["steps"][row.value["step"]][1]
    if value["step"] or value["round"]:
        reason = f"nobody acknowledged: step {value['step'] + 1}, round {value['round'] + 1}"
        notice.tell(machine, row, targets, "escalated", reason, [])
        return
    for warning in plan["warnings"]:
        notice.note(machine, row, "warning", warning)
    targets, reason = list(dict.fromkeys([*targets, *value["also"]])), f"{value['new']}; {plan['why']}"
    value |= {"new": "", "also": []}
    notice.tell(machine, row, targets, "firing", reason, [])


def _wait(row: Row, until: int) -> None:
    """The next step goes then, or news before it."""
    row.value["next"] = until
    row.wake = min(until, row.value["news"]) if row.value["new"] else until


def _after(plan: routing.Snapshot, step: int) -> int:
    steps = plan["steps"]
    following = (step + 1) % len(steps)
    return int(steps[following][0]) or GROUP_INTERVAL


def _exhausted(machine: Respond, row: Row) -> None:
    value, last = row.value, row.value["plan"]["last_resort"]
    if not value["resorted"]:
        value["resorted"] = True
        if last:
            notice.tell(machine, row, last, "escalated", "nobody acknowledged in any round: last resort", [])
    elif group.severity(value["group"]) != "info":
        why = f"still firing, nobody has acknowledged; repeated every {spell(REPEAT)}"
        notice.tell(machine, row, value["asked"], "reminder", why, [])
    if group.severity(value["group"]) != "info":
        _wait(row, (value["told"] or machine.clock.attended) + REPEAT)


def receive(machine: Respond, receipt: Receipt) -> None:
    """What became of a notification: it was heard, or nobody could be reached."""
    key = f"8/{receipt.group}"
    row = machine.open(key) if key in machine.rows else None  # a receipt calls no escalation into being
    if row is None or not row.value:
        return
    value = row.value
    pending, mark = value.get("pending", {}), notice.mark(receipt.notification)
    mine, value["pending"] = mark in pending, {one: to for one, to in pending.items() if one != mark}
    if receipt.result == "delivered" and receipt.what in ("firing", "escalated", "reminder"):
        _heard(machine, row, receipt.to, mine)
    elif receipt.result == "failed" and mine and not value["pending"] and _unheard(value):
        last = value["step"] + 1 >= len(value["plan"]["steps"])
        when = f"the next round begins in {spell(BOUNDED_WAIT)}" if last else "the next step goes at once"
        words = f"step {value['step'] + 1} reached nobody ({receipt.reason}): {when}"
        notice.note(machine, row, "unreached", words)
        value["next"] = machine.clock.attended + (BOUNDED_WAIT if last else 1)
        _sooner(row, value["next"])
    elif receipt.transient and mine and not value["pending"] and value.get("state") == "open":
        words = f"{receipt.what} reached nobody ({receipt.reason}): again in {spell(GROUP_INTERVAL)}"
        notice.note(machine, row, "unreached", words)
        _sooner(row, machine.clock.attended + GROUP_INTERVAL)


def _heard(machine: Respond, row: Row, to: str, mine: bool) -> None:
    value = row.value
    value["heard"] = sorted({*value.get("heard", []), to})
    if value.get("state") == "closed" and to not in value["over"]:
        value["over"] = value["heard"]
        why = "it is over; the firing notice had only just reached you"
        notice.tell(machine, row, [to], "resolved", why, [_ended(value)])
    elif mine and _under_way(value):
        _wait(row, machine.clock.attended + _after(value["plan"], value["step"]))


def _under_way(value: dict[str, Any]) -> bool:
    """Whether steps are still to come; who is through them is told again after hours, whatever becomes of it."""
    return value.get("state") == "open" and value["round"] < value["plan"]["rounds"]


def _unheard(value: dict[str, Any]) -> bool:
    """Whether steps are still to come, and nobody of the present one has been reached."""
    return _under_way(value) and not set(value["plan"]["steps"][value["step"]][1]) & set(value["heard"])


def _ended(value: dict[str, Any]) -> dict[str, Any]:
    last = value["last"]
    return {**last, "id": last["alert_id"], "triggered_at": last["since"]}
