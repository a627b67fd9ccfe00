"""Instants as people give them to a verb, and as its JSON shows them; the clock is asked where none is given."""

from __future__ import annotations

import time
from zoneinfo import ZoneInfo

from api.instant import read
from api.instant import spell as spell_or_none
from streams.calendar import instant as instants
from streams.calendar.zone import instant
from streams.errors import Refused

FORM = "2026-12-07T09:00:00Z"


def now() -> int:
    """The present, ms UTC."""
    return int(time.time() * 1000)


def given(text: str, option: str, default: int | None = None) -> int:
    """An instant, ms UTC; what is left out is `default`, else the present. Refused names the option."""
    if text:
        return read(text, option)
    return now() if default is None else default


def local_or_instant(text: str, option: str, place: ZoneInfo) -> int:
    """An instant, or what the clocks of a zone show (`2026-12-07 09:00`, `2026-12-07`), ms UTC."""
    written = text.strip()
    try:
        return instant(instants.local(written if ":" in written else f"{written} 00:00"), place)
    except Refused:
        pass
    try:
        return instants.instant(written)
    except Refused:
        raise Refused(
            f"`{option}`: {text!r:.40} is no time: write {FORM}, or 2026-12-07 09:00 by the clocks of {place.key}"
        ) from None


def spell(at: int) -> str:
    """`1764000000000` → `2025-11-24T16:00:00.000Z`."""
    return str(spell_or_none(at))
