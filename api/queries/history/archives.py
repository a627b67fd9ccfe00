"""What lies in the archive: which months, and the rows of one of them, as the lists of today show theirs."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy import BigInteger, Boolean, Connection, Float, Integer, Text, func, select

from api.instant import spell
from sinks.history import schema
from streams import archive
from streams.archive import Kind
from streams.text.spreadsheet import plain

TABLES = {Kind.ALERTS: schema.alerts, Kind.TIMELINE: schema.timeline}
_INSTANTS = ("at", "triggered_at", "acknowledged_at", "acknowledged_until", "first_acknowledged_at", "resolved_at",
             "updated_at")  # fmt: skip
_INNER = ("version", "partition", "offset", "snapshot", "suppressed_for")
csv.field_size_limit(1 << 24)


class MonthRows(NamedTuple):
    """Which rows of a month. `teams` None: of all teams; `text`: words of the row; `skip`: how many come before."""

    teams: list[str] | None
    text: str = ""
    alert: str = ""
    skip: int = 0
    limit: int = 50


def months(folder: Path) -> list[dict[str, Any]]:
    """The months that are archived, the newest first, with the size of their files in bytes."""
    by_month: dict[str, dict[str, Any]] = {}
    for file in folder.iterdir() if folder.is_dir() else ():
        if (known := archive.named(file.name)) is not None:
            kind, month = known
            row = by_month.setdefault(month, {"month": month, "alerts_bytes": 0, "timeline_bytes": 0})
            row[f"{kind}_bytes"] = file.stat().st_size
    return [by_month[month] for month in sorted(by_month, reverse=True)]


def waiting(connection: Connection, before: int) -> int:
    """How many alerts have been over since before an instant and are still to be archived."""
    of = schema.alerts.c
    old = (of.triggered_at < before, of.status == "resolved", of.resolved_at < before)
    return connection.scalar(select(func.count()).select_from(schema.alerts).where(*old)) or 0


def rows(
    folder: Path, kind: Kind, month: str, wanted: MonthRows
) -> tuple[list[dict[str, Any]], int | None] | None:
    """Rows of a month as they were at last, and how many to skip for those that follow; None: it is not archived."""
    file = folder / archive.file_name(kind, month)
    if not file.exists():
        return None
    columns = {column.name: column.type for column in TABLES[kind].c}
    matching = (
        (number, row)
        for number, row in enumerate(_read(file))
        if number >= wanted.skip and _meant(row, wanted)
    )
    selected = list(islice(matching, wanted.limit + 1))
    following = selected[wanted.limit][0] if len(selected) > wanted.limit else None
    return [_shown(row, columns) for _, row in selected[: wanted.limit]], following


def _read(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _meant(row: dict[str, str], wanted: MonthRows) -> bool:
    if wanted.teams is not None and plain(row["team"]) not in wanted.teams:
        return False
    if wanted.alert and wanted.alert not in (row["id"], row.get("alert_id")):
        return False
    words = wanted.text.lower().split()
    return not words or all(word in " ".join(row.values()).lower() for word in words)


def _shown(row: dict[str, str], columns: dict[str, Any]) -> dict[str, Any]:
    """The row with its types; columns of another version stay text."""
    shown = {
        name: _value(text, columns.get(name, Text())) for name, text in row.items() if name not in _INNER
    }
    if row.get("suppressed_for"):
        shown["suppressed_seconds"] = int(row["suppressed_for"]) / 1000
    return shown | {name: spell(shown[name]) for name in _INSTANTS if name in shown}


def _value(text: str, kind: Any) -> Any:
    """The value that a cell stands for; an empty one is null, but where the column holds texts."""
    match kind:
        case Text():
            return plain(text)
        case Boolean():
            return text == "1"
        case BigInteger() | Integer():
            return int(text) if text else None
        case Float():
            return float(text) if text else None
    return orjson.loads(text) if text else None
