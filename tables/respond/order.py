"""Level 7, orders: an acknowledgement covers its group at once, and its alerts portion by portion.

The group counts them all as acknowledged from the command on; each alert follows when its portion comes, says so in a
change of its own, and stands as if it had obeyed at once. What ended or got worse before its turn keeps what has
become of it. One order at a time goes through a group: who acknowledges it meanwhile comes after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from streams.codes import RefusalCode
from streams.errors import Conflict, Refused
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
OVERDUE = 60_000  # attended ms after which a portion of which nothing was heard is said again
SKEW = 5_000  # ms by which the API's clock may differ from the broker's
Place = tuple[str, str]  # status and severity under which a group counts an alert


def under_way(of: Row | None) -> list[Order]:
    """The orders that go through a group, the oldest first."""
    return [] if of is None else [Order.model_validate(one) for one in of.value.get("orders", ())]


def last(orders: Sequence[Order], alert: Mapping[str, Any]) -> Order | None:
    """The last of the orders, the oldest first, that covers an alert which has not obeyed it yet; None: none does.

    An order covers what is firing, or held for a limited time. Copies nothing, since a hundred thousand may be asked.
    """
    found, status = None, alert.get("status")
    open_ = status == Status.FIRING or (
        status == Status.ACKNOWLEDGED and alert.get("acknowledged_until") is not None
    )
    for order in orders:
        if open_ and alert.get("after", -1) < order.offset and alert["triggered_at"] <= order.at + SKEW:
            found, open_ = order, alert["severity"] == "critical"
    return found


def standing(orders: Sequence[Order], alert: Mapping[str, Any]) -> tuple[str, str | None]:
    """How an alert stands for its group, and who has it: as it will be when the orders under way have come to it."""
    order = last(orders, alert)
    if order is None:
        return alert.get("status", Status.RESOLVED), alert.get("acknowledged_by")
    return Status.ACKNOWLEDGED, order.by


def foreseen(orders: Sequence[Order], alert: dict[str, Any]) -> dict[str, Any]:
    """The whole alert as it stands for its group."""
    status, by = standing(orders, alert)
    return alert | {"status": status, "acknowledged_by": by} if orders else alert


def give(machine: Respond, key: str, order: Order, named: dict[str, Any]) -> str:
    """A group gets an order: how many alerts it covers, in words; "" where all that was done before.

    `named`: the alert that was named as it was before it obeyed by itself; empty where it did not, and then the order
    may be refused. On a replay the group may be newer than the alert, so the alert does not wait for the group's word.
    """
    row = machine.open(f"7/{key}")
    if row is None:
        return ""
    waiting = under_way(row)
    full = f"{WAITING} acknowledgements of this group are under way" if len(waiting) >= WAITING else ""
    if full and not named:
        raise Conflict(f"{full}: say it again in a moment", RefusalCode.OVERLOADED)
    others = Counter[Place]() if full else _covered(machine, key, waiting, order)
    if not others and not named:
        words = "no alert of its group is firing: there is nothing to acknowledge"
        raise Refused(words, RefusalCode.NOTHING_TO_ACKNOWLEDGE)
    _queue(machine, row, order.model_copy(update={"parts": -(-others.total() // PORTION)}))
    found = others + Counter([(standing(waiting, named)[0], named["severity"])] if named else [])
    _count(machine, row, order, found)
    more = f"; {full}: say it again in a moment for the others" if full else ""
    return f"acknowledged {found.total()} alert{'' if found.total() == 1 else 's'}{more}"


def _covered(machine: Respond, key: str, waiting: Sequence[Order], order: Order) -> Counter[Place]:
    """How many alerts stand where before the order comes to them; whoever obeyed by itself is none of them."""
    found, orders = Counter[Place](), [*waiting, order]
    for row in machine.among(f"4/{key}"):
        if last(orders, row.value) is order:
            found[standing(waiting, row.value)[0], row.value["severity"]] += 1
    return found


def _count(machine: Respond, row: Row, order: Order, found: Counter[Place]) -> None:
    """All of them are somebody's now, and people are told as if each had obeyed."""
    counts = Counter[str](row.value.get("counts", {}))
    for (status, severity), number in found.items():
        counts[f"{status}/{severity}"] -= number
        counts[f"{Status.ACKNOWLEDGED}/{severity}"] += number
    row.value["counts"] = group.tidy(counts)
    critical = any(severity == "critical" for _, severity in found)
    held = order.attended + acknowledgement.HELD if critical else None
    escalation.decide(machine, row, {"acknowledged_by": order.by}, group.News(held=held))


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
    known.wake, part = None, said.part + 1
    if part == said.order.parts:
        known.value["orders"], part = known.value["orders"][1:], 0
    if known.value["orders"]:
        _send(machine, known, part)


def again(machine: Respond, row: Row) -> None:
    """A portion has not been obeyed for long: it was refused, or failed, and lies in the dead letters. Say it again."""
    if row.value.get("orders"):
        _send(machine, row, row.value["part"])


def _send(machine: Respond, row: Row, part: int) -> None:
    row.value["part"], order, key = part, row.value["orders"][0], row.key[2:]
    row.wake = machine.clock.attended + OVERDUE
    team = key.split("/")[0]
    machine.say(row, INBOX, "", Portion, team=team, group=key, part=part, order=order)
