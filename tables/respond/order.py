"""Level 7, orders: an acknowledgement covers its group at once, and its alerts portion by portion.

The group counts them all as acknowledged from the command on; each alert follows when its portion comes, says so in a
change of its own, and stands as if it had obeyed at once. What ended or got worse before its turn keeps what has
become of it. One order at a time goes through a group: who acknowledges it meanwhile comes after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from streams.errors import Conflict
from streams.portion import Order, Portion
from streams.topics import INBOX
from tables.respond import acknowledgement, escalation, group
from tables.respond.lifecycle import Status
from tables.row import Row

if TYPE_CHECKING:
    from tables.respond.machine import Respond

PORTION = 1_000  # alerts, about: a tenth of a second
WAITING = 4  # orders of one group under way, so that its row stays small
NOTES = 1_000  # characters
SKEW = 5_000  # ms by which the API's clock may differ from the broker's


def reaches(order: Order, alert: dict[str, Any]) -> bool:
    """Whether an alert is one that the order covers and has not come to yet: firing, or held for a limited time."""
    status = alert.get("status")
    held = status == Status.ACKNOWLEDGED and alert.get("acknowledged_until") is not None
    then = held or status == Status.FIRING
    return then and alert.get("after", -1) < order.offset and alert["triggered_at"] <= order.at + SKEW


def under_way(of: Row | None) -> list[Order]:
    """The orders that go through a group, the oldest first."""
    return [] if of is None else [Order.model_validate(one) for one in of.value.get("orders", ())]


def foreseen(orders: Sequence[Order], alert: dict[str, Any]) -> dict[str, Any]:
    """The alert as it stands for its group: as it will be when the orders under way have come to it."""
    for order in orders:
        if reaches(order, alert):
            held = order.now if alert["severity"] == "critical" else None
            alert = alert | {"status": Status.ACKNOWLEDGED, "acknowledged_by": order.by}
            alert |= {"acknowledged_until": held, "after": order.offset}
    return alert


def give(machine: Respond, key: str, order: Order, named: Row | None) -> int | None:
    """A group gets an order: how many alerts it covers, none if 0; None where all that was done before."""
    row = machine.open(f"7/{key}")
    if row is None:
        return None
    waiting = under_way(row)
    if len(waiting) >= WAITING:
        raise Conflict(f"{WAITING} acknowledgements of this group are under way: say it again in a moment")
    found = Counter[tuple[str, str]]()
    for alert in machine.among(f"4/{key}"):
        stands = foreseen(waiting, alert.value) if waiting else alert.value
        if reaches(order, stands):
            found[stands["status"], stands["severity"]] += 1
    if not found:
        return 0
    counts = Counter[str](row.value.get("counts", {}))
    for (status, severity), number in found.items():
        counts[f"{status}/{severity}"] -= number
        counts[f"{Status.ACKNOWLEDGED}/{severity}"] += number
    row.value["counts"] = group.tidy(counts)
    obeyed = named is not None and reaches(order, foreseen(waiting, named.value))
    _queue(machine, row, order.model_copy(update={"parts": -(-(found.total() - obeyed) // PORTION)}))
    held = (
        order.attended + acknowledgement.HELD
        if any(severity == "critical" for _, severity in found)
        else None
    )
    escalation.decide(machine, row, {"acknowledged_by": order.by}, group.News(held=held))
    return found.total()


def _queue(machine: Respond, row: Row, order: Order) -> None:
    """Whoever is named obeys at once; where there are others they follow, after those who were ordered before."""
    waiting = row.value.get("orders", [])
    if order.parts:
        row.value["orders"] = [*waiting, order.model_dump()]
        if not waiting:
            _send(machine, row, 0)


def follow(machine: Respond, said: Portion) -> None:
    """A portion has obeyed: the next one follows, or the next order; what comes twice is followed once."""
    known = machine.rows.get(f"7/{said.group}")
    orders = under_way(known)
    if (
        known is None
        or not orders
        or (orders[0].offset, known.value["part"]) != (said.order.offset, said.part)
    ):
        return
    if machine.open(known.key) is None:
        return
    part = said.part + 1
    if part == said.order.parts:
        known.value["orders"], part = known.value["orders"][1:], 0
    if known.value["orders"]:
        _send(machine, known, part)


def _send(machine: Respond, row: Row, part: int) -> None:
    row.value["part"], order, key = part, row.value["orders"][0], row.key[2:]
    team = key.split("/")[0]
    machine.say(row, INBOX, "", Portion, team=team, group=key, part=part, order=order)
