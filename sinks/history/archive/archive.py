"""Moves what is old out of the read model into files by month, so that nothing is lost or doubled by a crash.

One step takes some rows: they are written to the files of their months, which are on the disk before the rows are
deleted, in one transaction that no other writer comes between. Where the step is cut off before the deletion is kept,
the next one finds the rows in the files by their ids and only deletes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Select, Table, delete, exists, func, select

from sinks.history import schema
from sinks.history.archive import month_file
from streams import archive
from streams.archive import Kind

STEP = 10_000  # rows in one step
DELETED_AT_ONCE = 1_000  # ids in one statement
_of, _then = schema.alerts.c, schema.timeline.c
TABLES: dict[Kind, Table] = {Kind.ALERTS: schema.alerts, Kind.TIMELINE: schema.timeline}


class Archive(NamedTuple):
    """What is over for `after` ms goes to files in `folder`, and stays there for `keep` ms; 0: for ever."""

    folder: Path
    after: int
    keep: int = 0

    def step(self, connection: Connection, most: int = STEP) -> int:
        """Move at most so many rows within the writers' transaction; how many were moved, 0: nothing is old.

        The newest change is the clock, so that a host whose own clock is wrong removes nothing.
        """
        before = (connection.scalar(select(func.max(_then.at))) or 0) - self.after
        for kind, rows in ((Kind.ALERTS, _alerts(before)), (Kind.TIMELINE, _entries(before))):
            stored = connection.execute(rows.limit(most)).mappings().all()
            if stored:
                self._write(kind, stored)
                _delete(connection, TABLES[kind], [row["id"] for row in stored])
                return len(stored)
        return 0

    def _write(self, kind: Kind, rows: Sequence[RowMapping]) -> None:
        """Add each row to the file of its month."""
        at = "triggered_at" if kind is Kind.ALERTS else "at"
        months: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in rows:
            months[archive.month_of(row[at])].append(dict(row))
        columns = [column.name for column in TABLES[kind].c]
        for month, some in months.items():
            month_file.add(self.folder / archive.file_name(kind, month), columns, some)

    def expire(self, now: int) -> list[str]:
        """Remove the files of months that ended more than `keep` ms before `now`; their names."""
        if not self.keep or not self.folder.is_dir():
            return []
        gone = []
        for file in sorted(self.folder.iterdir()):
            named = archive.named(file.name)
            if named and archive.ends(named[1]) < now - self.keep:
                file.unlink()
                gone.append(file.name)
        if gone:
            month_file.sync(self.folder)
        return gone


def _alerts(before: int) -> Select[Any]:
    """Alerts that have been over since before an instant, the oldest first."""
    old = (_of.triggered_at < before, _of.status == "resolved", _of.resolved_at < before)
    return select(schema.alerts).where(*old).order_by(_of.triggered_at, _of.id)


def _entries(before: int) -> Select[Any]:
    """What happened before an instant to nothing that is still an alert here."""
    here = exists().where(_of.id == _then.alert_id)
    return select(schema.timeline).where(_then.at < before, ~here).order_by(_then.at, _then.sequence)


def _delete(connection: Connection, table: Table, ids: Sequence[str]) -> None:
    for begin in range(0, len(ids), DELETED_AT_ONCE):
        connection.execute(delete(table).where(table.c.id.in_(ids[begin : begin + DELETED_AT_ONCE])))
