"""Writes which notifications somebody has read: the only rows of the read model that the API writes (ADR 8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection, Engine, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from api.queries.notifications import NotificationReader
from sinks.history import schema

_then, _marks, _through = schema.timeline.c, schema.read_marks.c, schema.read_through.c


class ReadMarks:
    """The marks of all people; each is written in a transaction of its own, beside the event loop."""

    def __init__(self, engine: Engine) -> None:
        """`engine`: from `database.writer`."""
        self._engine = engine
        self._insert: Any = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    async def mark(self, reader: NotificationReader, sequences: Sequence[int], read: bool) -> None:
        """These notifications are read, or are not, as far as they are the reader's."""
        await run_in_threadpool(self._run, self._mark, reader, sequences, read)

    async def mark_through(self, reader: NotificationReader, sequence: int) -> None:
        """All up to this one are read."""
        await run_in_threadpool(self._run, self._mark_through, reader, sequence)

    def _run(self, write: Any, *arguments: Any) -> None:
        with self._engine.begin() as connection:
            write(connection, *arguments)

    def _mark(
        self, connection: Connection, reader: NotificationReader, sequences: Sequence[int], read: bool
    ) -> None:
        if not read:
            self._lower(connection, reader, sequences)
            mine = (_marks.person == reader.person, _marks.sequence.in_(sequences))
            connection.execute(delete(schema.read_marks).where(*mine))
            return
        theirs = select(literal(reader.person), _then.sequence).where(_then.sequence.in_(sequences))
        if reader.teams is not None:
            theirs = theirs.where(_then.team.in_(reader.teams))
        marks = self._insert(schema.read_marks).from_select(["person", "sequence"], theirs)
        connection.execute(marks.on_conflict_do_nothing())

    def _lower(self, connection: Connection, reader: NotificationReader, sequences: Sequence[int]) -> None:
        """What is unread again may lie below the line up to which all is read: then the line becomes marks."""
        line = connection.scalar(select(_through.sequence).where(_through.person == reader.person)) or 0
        lowest = min(sequences, default=line + 1)
        if lowest > line:
            return
        between = select(literal(reader.person), _then.sequence).where(
            _then.sequence.between(lowest, line), _then.subject == "notification"
        )
        marks = self._insert(schema.read_marks).from_select(["person", "sequence"], between)
        connection.execute(marks.on_conflict_do_nothing())
        lower = update(schema.read_through).where(_through.person == reader.person)
        connection.execute(lower.values(sequence=lowest - 1))

    def _mark_through(self, connection: Connection, reader: NotificationReader, sequence: int) -> None:
        made = self._insert(schema.read_through).values(person=reader.person, sequence=sequence)
        further = made.excluded.sequence > _through.sequence
        connection.execute(
            made.on_conflict_do_update(
                index_elements=["person"], set_={"sequence": made.excluded.sequence}, where=further
            )
        )
        below = (_marks.person == reader.person, _marks.sequence <= sequence)
        connection.execute(delete(schema.read_marks).where(*below))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
