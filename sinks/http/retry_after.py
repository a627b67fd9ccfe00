"""How long a receiver asks us to wait: the `Retry-After` header, RFC 9110 section 10.2.3."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST = 3_600_000  # ms; a receiver may slow us down, but not silence us

_LEAP = ":60 "  # a second that HTTP dates may have, and Python's have not


def wish(text: str | None, now: int) -> int | None:
    """Milliseconds from `now` (ms UTC), between 0 and an hour; None where nothing readable was said."""
    if text is None:
        return None
    word = text.strip()
    if word.isascii() and word.isdigit():
        return min(int(word[:9]) * 1000, LONGEST)
    try:
        date = parsedate_to_datetime(word.replace(_LEAP, ":59 "))
        then = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()  # asctime names no zone
    except (ValueError, OverflowError):
        return None
    return max(0, min(round(then * 1000) - now, LONGEST))
