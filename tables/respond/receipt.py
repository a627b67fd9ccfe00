"""What became of a notification: its escalation goes on from when somebody heard, or nobody could be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.duration import spell
from streams.messages.said import Receipt
from tables.kernel.row import Row
from tables.respond import escalation, notice

if TYPE_CHECKING:
    from tables.respond.machine import Respond


def receive(machine: Respond, receipt: Receipt) -> None:
    """What became of a notification: it was heard, or nobody could be reached."""
    known = machine.rows.get(f"8/{receipt.group}")
    if known is None or known.dead:
        return  # a receipt calls no escalation into being, nor back
    row = machine.open(known.key)
    if row is None or not row.value:
        return
    value = row.value
    pending, mark = value.get("pending", {}), notice.mark(receipt.notification)
    mine, value["pending"] = mark in pending, {one: to for one, to in pending.items() if one != mark}
    if receipt.result == "delivered" and receipt.what in ("firing", "escalated", "reminder"):
        _heard(machine, row, receipt.to, mine)
    elif receipt.result == "failed" and mine and not value["pending"] and _unheard(value):
        last = value["step"] + 1 >= len(value["plan"]["steps"])
        when = (
            f"the next round begins in {spell(escalation.BOUNDED_WAIT)}"
            if last
            else "the next step goes at once"
        )
        words = f"step {value['step'] + 1} reached nobody ({receipt.reason}): {when}"
        notice.note(machine, row, "unreached", words)
        value["next"] = machine.clock.attended + (escalation.BOUNDED_WAIT if last else 1)
        escalation.sooner(row, value["next"])
    elif receipt.transient and mine and not value["pending"] and value.get("state") == "open":
        words = (
            f"{receipt.what} reached nobody ({receipt.reason}): again in {spell(escalation.GROUP_INTERVAL)}"
        )
        notice.note(machine, row, "unreached", words)
        escalation.sooner(row, machine.clock.attended + escalation.GROUP_INTERVAL)


def _heard(machine: Respond, row: Row, to: str, mine: bool) -> None:
    value = row.value
    value["heard"] = sorted({*value.get("heard", []), to})
    if value.get("state") == "closed" and to not in value["over"]:
        value["over"] = value["heard"]
        why = f"{value.get('ended', 'it is over')}; the firing notice had only just reached you"
        notice.tell(machine, row, [to], "resolved", why, [_ended(value)])
    elif mine and _under_way(value):
        escalation.wait(row, machine.clock.attended + escalation.after(value["plan"], value["step"]))


def _under_way(value: dict[str, Any]) -> bool:
    """Whether steps are still to come; who is through them is told again after hours, whatever becomes of it."""
    return value.get("state") == "open" and value["round"] < value["plan"]["rounds"]


def _unheard(value: dict[str, Any]) -> bool:
    """Whether steps are still to come, and nobody of the present one has been reached."""
    return _under_way(value) and not set(value["plan"]["steps"][value["step"]][1]) & set(value["heard"])


def _ended(value: dict[str, Any]) -> dict[str, Any]:
    last = value["last"]
    return {**last, "id": last["alert_id"], "triggered_at": last["since"]}
