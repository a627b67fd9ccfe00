"""What is remembered of the shift of a schedule that tells of its hand-offs: who has it, and until when."""

from __future__ import annotations

import msgspec

from streams.documents.oncall.rotation import FOREVER


class ShiftRow(msgspec.Struct, frozen=True):
    """Who is on call by a schedule, "" for nobody, and when that may change next, ms UTC."""

    person: str
    until: int


def deadline(shift: ShiftRow) -> int | None:
    """When somebody else may come on call, ms UTC."""
    return shift.until if shift.until < FOREVER else None
