"""What blocks owe the world, and when they say it: at once where it is little, else in inputs of their own.

A hundred thousand instances may move in one input, and to say so takes seconds. So a block that owes more than its
share waits for a message of the machine to itself that names it and a few others, so few that all their instances
together are no more than a portion, whatever moves in the meantime; and whatever could not be said because we were away
is demanded so too, tick by tick.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from streams.messages.bulk import VerdictBacklog
from streams.topics import TELEMETRY
from tables.detect import verdicts
from tables.detect.instances import SIZE
from tables.kernel.row import AnyRow as Row

if TYPE_CHECKING:
    from tables.detect.machine import Detect

AT_ONCE = 16  # verdicts, at most, that a block says in the input that caused them
PORTION = 1_024  # verdicts, at most, that one input says: a fifth of a second


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


def _owes(row: Row) -> bool:
    return not row.dead and row.quarantine is None and bool(row.value.again or row.value.all_untold())


def settle(machine: Detect, kind: str) -> None:
    """Let the blocks that owe little pay now, and demand the rest, one portion after the other."""
    owing = [key for key in sorted(machine.owing) if _may(machine, key)] if machine.may_emit else []
    share = _share(machine) if owing else 0
    much = {key for key in owing if _is_much(machine.rows[key], share)}
    for key in owing:
        if key not in much:
            machine.act(key, partial(_pay, machine))
    machine.debts.note(machine.rows, machine.owing)
    if machine.debts.keys and machine.may_emit and _is_called_for(machine, kind, bool(much)):
        _demand(machine)


def _share(machine: Detect) -> int:
    """How many verdicts a block may say at once, so that all blocks together say no more than a portion.

    It depends on how many there were when the input came, which a replay knows; never on what others owe, which it does
    not.
    """
    blocks = sum(row.born <= machine.offset for row in machine.scan("5"))
    return min(AT_ONCE, max(1, PORTION // blocks))


def _is_called_for(machine: Detect, kind: str, much: bool) -> bool:
    """Whether a portion has to be demanded: something new is owed, or a portion that has been said has to have a next.

    A debt that found nothing to say has a follower already, and a tick asks in any case. On a replay some blocks are
    newer, and what was owed is not known; but then the demand was acknowledged.
    """
    return not machine.replaying and (much or kind == "tick" or (kind == "backlog" and bool(machine.owing)))


def honour(machine: Detect, said: VerdictBacklog) -> None:
    """The blocks that are named pay, each by itself: on a replay some have done so already."""
    for key in said.keys if machine.may_emit else ():
        if key in machine.debts.keys:
            machine.act(key, partial(_pay, machine))


def _may(machine: Detect, key: str) -> bool:
    return key in machine.rows and not machine.newer(key) and _owes(machine.rows[key])


def _is_much(row: Row, share: int) -> bool:
    return bool(row.value.again) or len(row.value.all_untold()) > share


def _pay(machine: Detect, key: str) -> None:
    if (row := machine.open(key)) is not None:
        machine.owing.add(key)
        verdicts.publish(machine, row)


def _demand(machine: Detect) -> None:
    id = f"{machine.name}!{machine.offset}!debt"
    keys = tuple(sorted(machine.debts.keys)[: max(1, PORTION // SIZE)])
    machine.emit(TELEMETRY, "", VerdictBacklog(id=id, at=machine.clock.now, keys=keys))
