"""Local dates and times as people on call write them: `2026-12-07`, or `2026-12-07 09:00`."""

from __future__ import annotations

from datetime import datetime

from streams.calendar import instant


def read_date_time(text: str) -> datetime:
    """A local date, which is its midnight, or a local time; Refused says how one is written."""
    return instant.local(text if ":" in text else f"{text} 00:00")
