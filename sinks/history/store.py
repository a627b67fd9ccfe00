"""Writes rows and the offset that they reflect in one transaction, so that neither is ever without the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Table, delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError

from sinks.history import facts, revisions, schema
from sinks.history.archive.archive import STEP, Archive
from sinks.history.migrate import migrate
from sinks.history.projection import Placed, Rows, fold
from streams.errors import Broken, Refused
from streams.topics import CHANGES, DAY

# What is the change's fault, not the database's.
POISON = (Refused, DataError, IntegrityError, OverflowError, UnicodeError)
VALUED = DAY  # ms that an alert's values are kept
_LOCK = 0x746F6373  # one key for PostgreSQL's advisory lock


class Position(NamedTuple):
    """Where a partition of `changes` stands: the next offset, and in which life of the topic."""

    next: int
    incarnation: str


class Store:
    """The read model, as its writers see it."""

    def __init__(self, engine: Engine) -> None:
        """`engine`: from `database.engine`."""
        self._engine = engine
        make = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        self._upserts = {
            "timeline": make(schema.timeline).on_conflict_do_nothing(index_elements=["id"]),
            "commands": make(schema.commands).on_conflict_do_nothing(index_elements=["id"]),
            "group_rules": make(schema.group_rules).on_conflict_do_nothing(
                index_elements=["group", "rule_id"]
            ),
            "alert_values": make(schema.alert_values).on_conflict_do_nothing(
                index_elements=["alert_id", "at"]
            ),
            "alerts": _replace_older(make(schema.alerts), schema.alerts, "version"),
            "documents": _replace_older(make(schema.documents), schema.documents, "revision"),
        }

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """One writer at a time, as SQLite has it anyway.

        So the timeline's sequence becomes visible in its order, and no reader of it misses an entry.
        """
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            yield connection

    def prepare(self) -> None:
        """Bring the tables to this version, from none or from an earlier one; Misconfigured where a newer made them."""
        with self._transaction() as connection:
            migrate(connection)

    def positions(self) -> dict[int, Position]:
        """Where each partition of `changes` stands; partitions never read are missing."""
        of = schema.offsets.c
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(of.partition, of.next, of.incarnation).where(of.topic == CHANGES)
            )
            return {partition: Position(offset, life) for partition, offset, life in rows}

    def write(
        self, changes: list[Placed], before: Mapping[int, Position], incarnation: str
    ) -> dict[int, Position]:
        """Add changes, in the order of their log, and move the offsets on from `before`, all or nothing.

        Returns the new positions. Refused, or an error of POISON, where one change does not fit; Broken
        where another writer has moved an offset meanwhile.
        """
        rows = fold(changes)
        after = {change.partition: Position(change.offset + 1, incarnation) for change in changes}
        with self._transaction() as connection:
            self._insert(connection, rows)
            facts.keep(connection, changes)
            revisions.keep(connection, changes)
            for partition, position in after.items():
                _move(connection, partition, before.get(partition), position)
        return after

    def _insert(self, connection: Connection, rows: Rows) -> None:
        for table, some in rows._asdict().items():
            if some:
                connection.execute(self._upserts[table], some)

    def prune(self, keep: int, timeline: bool = True) -> int:
        """Forget which commands came, and what happened, more than `keep` ms before the newest; how many rows went.

        Alerts and documents stay, and of alerts that are not over so does what happened to them; of an alert's values
        a day is kept. The newest change is the clock, so that a host whose own clock is wrong removes nothing.
        Without `timeline` what happened stays as well.
        """
        entries, alerts = schema.timeline.c, schema.alerts.c
        going_on = select(alerts.id).where(alerts.status != "resolved")
        with self._transaction() as connection:
            newest = connection.scalar(select(func.max(entries.at))) or 0
            before = newest - keep
            values = schema.alert_values.c.at < newest - VALUED
            old = [delete(schema.commands).where(schema.commands.c.at < before)]
            old.append(delete(schema.alert_values).where(values))
            if timeline:
                old.append(
                    delete(schema.timeline).where(entries.at < before, entries.alert_id.not_in(going_on))
                )
            gone = sum(connection.execute(statement).rowcount for statement in old)
            return gone + revisions.prune(connection, newest)

    def archive(self, archive: Archive, most: int = STEP) -> int:
        """Move at most so many old rows to the archive; how many were moved, 0: nothing is old."""
        with self._transaction() as connection:
            return archive.step(connection, most)

    def newest(self) -> int:
        """When the newest change happened, ms UTC; 0 where there is none."""
        with self._engine.connect() as connection:
            return connection.scalar(select(func.max(schema.timeline.c.at))) or 0

    def rebase(self) -> None:
        """Forget the offsets, not the rows: the topic as it is now is read from its beginning."""
        with self._transaction() as connection:
            connection.execute(delete(schema.offsets).where(schema.offsets.c.topic == CHANGES))


def _replace_older(statement: Any, table: Table, by: str) -> Any:
    kept = {"id", *facts.COLUMNS}
    new = {column.name: statement.excluded[column.name] for column in table.c if column.name not in kept}
    return statement.on_conflict_do_update(
        index_elements=["id"], set_=new, where=statement.excluded[by] > table.c[by]
    )


def _move(connection: Connection, partition: int, before: Position | None, after: Position) -> None:
    """Compare and set: a writer that lost its partition while it stood still cannot move it."""
    at, of = {"topic": CHANGES, "partition": partition}, schema.offsets.c
    statement: Any
    if before is None:
        make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        statement = make(schema.offsets).values(**at, **after._asdict()).on_conflict_do_nothing()
    else:
        here = (of.topic == CHANGES) & (of.partition == partition) & (of.next == before.next)
        statement = update(schema.offsets).where(here).values(**after._asdict())
    if connection.execute(statement.returning(of.partition)).first() is None:
        raise Broken(f"changes/{partition}: another writer has moved its offset; starting afresh")
