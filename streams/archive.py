"""What archives are called and where they lie: a file for each month and kind, in `archive` of the data folder."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum

FOLDER = "archive"
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_START = datetime(1970, 1, 1, tzinfo=UTC)
_FILE = re.compile(rf"(?P<kind>alerts|timeline)-(?P<month>{MONTH.pattern})\.csv\.gz")


class Kind(StrEnum):
    """What a file of the archive holds."""

    ALERTS = "alerts"  # those that are over, as they were at last; by the month in which they fired
    TIMELINE = "timeline"  # what happened to them; by the month in which it did


def file_name(kind: Kind, month: str) -> str:
    """The name of a file: `alerts-2026-09.csv.gz`."""
    return f"{kind}-{month}.csv.gz"


def named(file: str) -> tuple[Kind, str] | None:
    """The kind and the month of a file of the archive; None of any other."""
    match = _FILE.fullmatch(file)
    return (Kind(match["kind"]), match["month"]) if match else None


def month_of(at: int) -> str:
    """The month, in UTC, of an instant in ms."""
    return (_START + timedelta(milliseconds=at)).strftime("%Y-%m")


def ends(month: str) -> int:
    """The instant, ms UTC, at which a month is over."""
    year, number = map(int, month.split("-"))
    following = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return (following - _START) // timedelta(milliseconds=1)
