"""Level 8, escalations: who is told of a group, when, until somebody has it; and who must hear that it is over.

The row's one deadline says when the next thing is due; `due` acts on what the row says then:
`new` (alerts to tell of), the next step of the frozen policy, a repeat, or the end of its life.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.duration import spell
from streams.messages.said import Severity
from tables.kernel.row import Row
from tables.respond import group, notice, routing
from tables.respond.lifecycle import RANK, Status
from tables.respond.line import line

if TYPE_CHECKING:
    from tables.respond.machine import Respond

GROUP_WAIT = 30_000  # attended ms before a group that is not critical is told of, so that it gathers
GROUP_INTERVAL = 300_000  # between a message and one about later joiners
REPEAT = 14_400_000  # between repeats once all steps are through; info never repeats
BOUNDED_WAIT = 60_000  # how long a step waits for a delivery receipt before its delay runs all the same
REMINDED = 600_000  # before an acknowledgement ends
_INNER = ("orders", "part")  # what a group keeps for itself
REST = 600_000  # how long a closed escalation waits for late receipts


def decide(machine: Respond, group_row: Row, alert: dict[str, Any], news: group.News) -> None:
    """A group has changed: what that means for people."""
    row = machine.open("8" + group_row.key[1:])
    if row is None:
        return
    row.value["group"] = {name: value for name, value in group_row.value.items() if name not in _INNER}
    firing, open_ = group.count(group_row.value, Status.FIRING), group.count(group_row.value)
    if news.held:
        row.value["held"] = [news.held - REMINDED, alert["acknowledged_by"]]
    if not open_:
        _over(machine, row, alert)
    elif not firing:
        _stop(machine, row, alert)
    elif news.joined or news.worse or news.lapsed:
        _begin(machine, row, alert, news)


def _begin(machine: Respond, row: Row, alert: dict[str, Any], news: group.News) -> None:
    value, clock, worst, worse = row.value, machine.clock, group.severity(row.value["group"]), news.worse
    wait = clock.attended + (0 if alert["severity"] == "critical" and not news.lapsed else GROUP_WAIT)
    if value.get("state") != "open":
        _open(machine, row, news)
        value["at"] = clock.now if news.lapsed else alert["since"]
        row.wake = wait
    else:
        rose = RANK[worst] > RANK[value["for"]]
        if rose:
            _reroute(machine, row, worst)
        more = _ended(news) or "more alerts joined"
        _news(value, clock.attended, wait, (f"severity rose to {worst}" if worse or rose else "", more))
        sooner(row, value["news"])
    if row.wake is not None and row.wake <= clock.attended:
        row.wake = clock.attended + 1
        machine.hasty.add(row.key)


def _ended(news: group.News) -> str:
    return f"{news.lapsed}'s acknowledgement has ended" if news.lapsed else ""


def _news(value: dict[str, Any], attended: int, wait: int, why: tuple[str, str]) -> None:
    """When those who were told hear of it again; who has not been told hears of it in the first message."""
    told: int | None = value["told"]
    urgent, more = why
    pending, when = value["new"] and value["step"] >= 0, wait
    if urgent and told is not None:
        value["new"], when = urgent, attended
    elif told is not None and value["step"] >= 0:
        value["new"], when = value["new"] or more, max(attended, told + GROUP_INTERVAL)
    value["news"] = min(when, value["news"]) if pending else when


def _open(machine: Respond, row: Row, news: group.News) -> None:
    value, worst = row.value, group.severity(row.value["group"])
    anew = value.get("state") != "acknowledged"
    joined = f"a new alert joined after acknowledgement by {value.get('by', 'somebody')}"
    value["new"] = "severity rose" if news.worse else _ended(news) or ("first alert" if anew else joined)
    value |= {"state": "open", "step": -1, "round": 0, "news": 0, "for": worst}
    value |= {"pending": {}, "resorted": False, "also": []}
    value |= {"heard": [], "asked": [], "told": None, "most": 0, "held": None} if anew else {}
    value["plan"] = routing.snapshot(machine, value["group"], worst)


def _reroute(machine: Respond, row: Row, worst: Severity) -> None:
    """A group that became worse may belong to others: their steps begin, and who was asked before hears of it too."""
    value, plan = row.value, routing.snapshot(machine, row.value["group"], worst)
    value["for"] = worst
    if plan["why"] != value["plan"]["why"] and plan["steps"] != value["plan"]["steps"]:
        value |= {"plan": plan, "step": -1, "round": 0, "resorted": False, "also": value["asked"]}


def sooner(row: Row, wake: int) -> None:
    """Look at the escalation then, or before."""
    row.wake = wake if row.wake is None else min(row.wake, wake)


def _stop(machine: Respond, row: Row, alert: dict[str, Any]) -> None:
    held, by = row.value.get("held"), alert["acknowledged_by"]
    row.wake = held[0] if held and held[0] > machine.clock.attended else None
    row.value["by"] = by or row.value.get("by", "somebody")
    if row.value["state"] == "acknowledged":
        return
    row.value |= {"state": "acknowledged", "new": "", "pending": {}}
    notice.cancel(machine, row, f"acknowledged by {by}" if by else "what nobody had acknowledged is over")


def _remind(machine: Respond, row: Row) -> None:
    """Those who were told hear that nobody has it any more soon."""
    (_, by), row.value["held"] = row.value["held"], None
    if group.count(row.value["group"], "acknowledged/critical"):
        ends = f"{by}'s acknowledgement ends in {spell(REMINDED)}, and the escalation starts again"
        notice.tell(
            machine, row, row.value["asked"], "reminder", f"{ends}: acknowledge it again, or resolve it", []
        )


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
    row.value["ended"] = f"it is over: {alert.get('ended') or 'detect says so'}"
    for to in heard:
        notice.tell(machine, row, [to], "resolved", f"{row.value['ended']}; you heard of the firing", [alert])
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
    elif row.value.get("state") == "acknowledged":
        _remind(machine, row)


def _act(machine: Respond, row: Row) -> None:
    value, attended = row.value, machine.clock.attended
    if value["new"] and value["step"] >= 0 and attended >= value["news"]:
        why, value["new"] = value["new"], ""
        notice.tell(machine, row, value["asked"], "firing", why, [])
        wait(row, max(value.get("next", 0), attended + 1_000))
        return
    plan: routing.Snapshot = value["plan"]
    value["step"] += 1
    if value["step"] >= len(plan["steps"]):
        value["step"], value["round"] = 0, value["round"] + 1
    if value["round"] >= plan["rounds"]:
        _exhausted(machine, row)
        return
    _step(machine, row, plan)
    wait(row, attended + BOUNDED_WAIT + after(plan, value["step"]))


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


def wait(row: Row, until: int) -> None:
    """The next step goes then, or news before it."""
    row.value["next"] = until
    row.wake = min(until, row.value["news"]) if row.value["new"] else until


def after(plan: routing.Snapshot, step: int) -> int:
    """How long the step after this one waits, ms."""
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
        attended = machine.clock.attended
        # a step may wait longer than a repeat
        wait(row, max((value["told"] or attended) + REPEAT, attended + 1_000))
