"""What blocks owe the world, and when they say it: at once where it is little, else in inputs of their own.

A hundred thousand instances may move in one input, and to say so takes seconds. So a block that owes more than a few
verdicts waits for a message of the machine to itself that names it, among others; and whatever could not be said
because we were away is demanded so too, tick by tick.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from streams.portion import Debt
from streams.topics import TELEMETRY
from tables.detect import telling
from tables.row import Row

if TYPE_CHECKING:
    from tables.detect.machine import Detect

AT_ONCE = 16  # verdicts that a block says in the input that caused them
PORTION = 1_000  # verdicts, about, that are said in an input of their own: a fifth of a second


class Debts:
    """`keys`: the blocks that owe something and are not in quarantine; derived from rows, never stored."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """As the rows of the level are."""
        self.keys = {row.key for row in rows if _owes(row)}

    def note(self, rows: Mapping[str, Row], keys: Iterable[str]) -> None:
        """These rows may have changed."""
        for key in keys:
            row = rows.get(key)
            (self.keys.add if row is not None and _owes(row) else self.keys.discard)(key)

    def between(self, first: str, last: str) -> list[str]:
        """Those of a span of keys, sorted; both ends belong to it."""
        return sorted(key for key in self.keys if first <= key <= last)


def _owes(row: Row) -> bool:
    return not row.dead and row.failed is None and bool(row.value.again or row.value.all_untold())


def settle(machine: Detect, kind: str) -> None:
    """Let the blocks that owe little pay now, and demand the rest, one portion after the other."""
    owing = [key for key in sorted(machine.owing) if _may(machine, key)] if machine.speaking else []
    much = [key for key in owing if _is_much(machine.rows[key])]
    for key in sorted(set(owing) - set(much)):
        machine.wake(key, partial(_pay, machine))
    machine.debts.note(machine.rows, machine.owing)
    # on a replay some blocks are newer, and what was owed is not known; but then the demand was acknowledged
    more = (
        much or kind == "tick" or (kind == Debt.kind and machine.owing)
    )  # who came in vain has a follower already
    if more and machine.debts.keys and machine.speaking and not machine.replaying:
        _demand(machine)


def honour(machine: Detect, said: Debt) -> None:
    """The blocks of a span pay, each by itself: on a replay some have done so already."""
    for key in machine.debts.between(said.first, said.last) if machine.speaking else ():
        machine.wake(key, partial(_pay, machine))


def _may(machine: Detect, key: str) -> bool:
    return key in machine.rows and not machine.newer(key) and _owes(machine.rows[key])


def _is_much(row: Row) -> bool:
    return bool(row.value.again) or len(row.value.all_untold()) > AT_ONCE


def _pay(machine: Detect, key: str) -> None:
    if (row := machine.open(key)) is not None:
        machine.owing.add(key)
        telling.pay(machine, row)


def _demand(machine: Detect) -> None:
    keys, id = list(_first(machine)), f"{machine.name}!{machine.offset}!debt"
    machine.send(TELEMETRY, "", Debt, id, first=keys[0], last=keys[-1])


def _first(machine: Detect) -> Iterator[str]:
    count = 0
    for key in sorted(machine.debts.keys):
        yield key
        block = machine.rows[key].value
        count += len(block.all_untold()) + (len(block.owners) if block.again else 0)
        if count >= PORTION:
            return
