"""Who else is told, as a notification says it."""

from __future__ import annotations

import pytest

from streams.codes import NotifyReason
from streams.messages.notification import Purpose
from tables.respond.escalation.others import SHOWN, Others, others
from tables.respond.escalation.state import Notify


def told(count: int, what: Purpose = "firing") -> Notify:
    """So many are told at once."""
    to = tuple(f"person/payments/p{n}/sms" for n in range(count))
    return Notify(to, what, NotifyReason.FIRST_ALERT, "r")


@pytest.mark.parametrize(
    ("count", "own", "names", "more"),
    [
        (1, 0, 0, 0),
        (3, 1, 2, 0),
        (SHOWN + 1, 0, SHOWN, 0),
        (SHOWN + 1, SHOWN, SHOWN, 0),
        (SHOWN + 2, SHOWN + 1, SHOWN, 1),
    ],
)
def test_everybody_but_oneself(count: int, own: int, names: int, more: int) -> None:
    """The first by name, the others counted; nobody is their own other."""
    found = others(told(count), f"person/payments/p{own}/sms")
    assert (len(found.names), found.more) == (names, more)
    assert f"p{own}/sms" not in found.names


def test_where_there_is_nothing_to_do() -> None:
    """Whoever hears that it is over need not know who else does."""
    assert others(told(3, "resolved"), "person/payments/p0/sms") == Others()
