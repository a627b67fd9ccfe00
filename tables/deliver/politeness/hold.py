"""Why a notification waits before its first attempt, until when, and with what it then goes."""

from __future__ import annotations

import msgspec

from streams.codes import HoldReason

ALONE = ""  # the queue of what goes by itself
SINGLE = frozenset({"report", "hand_off", "summary"})  # stands for no alerts: it is never part of a bundle


class HoldUntil(msgspec.Struct, frozen=True):
    """`until`: ms UTC; `queue`: what else of the recipient goes in the same message; `document`: which says so."""

    code: HoldReason
    until: int
    reason: str
    queue: str = ALONE
    document: str = ""
