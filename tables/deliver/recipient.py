"""What is remembered of a recipient, over all teams: which messages went by themselves, and how many were held."""

from __future__ import annotations

import msgspec


class Recipient(msgspec.Struct, frozen=True):
    """The entry row of a recipient. Instants: ms UTC.

    `urgent`, `others`: when messages went by themselves, critical ones and all others; `known`: marks of the newest
    notifications, so that one that comes twice counts once; `held`: how many have been held so far, ever.
    """

    urgent: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    known: tuple[int, ...] = ()
    held: int = 0
