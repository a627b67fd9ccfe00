"""Configuration documents as they stand: their newest revision, secrets sealed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from sqlalchemy import Connection, Text, cast, func, select

from api.documents.reference import DocumentKey
from api.documents.seal import Sealer
from sinks.history import schema
from streams.documents.document import Owned
from streams.documents.registry import KINDS, read
from streams.errors import Refused

_of = schema.documents.c
NAMED = 500  # names that one query asks for; where there are more, all are read


class DocumentRow(NamedTuple):
    """One document that exists. `at`: ms of its last change."""

    id: str
    type: str
    name: str
    team: str
    revision: int
    body: dict[str, Any]
    at: int
    by: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it among all: kind, team and name."""
        return self.type, self.team, self.name

    def document(self, sealer: Sealer | None = None) -> Owned:
        """The typed document; with a sealer its secrets are opened, to be compared and never shown."""
        return read(self.type, self.body if sealer is None else sealer.opened(self.type, self.body))


def readable(rows: Iterable[DocumentRow], sealer: Sealer | None = None) -> list[Owned]:
    """The typed documents of those rows that can be read: what one team has stored stops nobody else."""
    documents: list[Owned] = []
    for row in rows:
        with suppress(Refused):
            documents.append(row.document(sealer))
    return documents


def _select(teams: list[str] | None) -> Any:
    columns = (_of.id, _of.type, _of.name, _of.team, _of.revision, _of.body, _of.updated_at, _of.updated_by)
    query = select(*columns).where(~_of.deleted, _of.type.in_(list(KINDS)))
    return query if teams is None else query.where(_of.team.in_(teams))


def all_of(
    connection: Connection,
    kind: str,
    teams: list[str] | None,
    team: str = "",
    name: str = "",
    limit: int = 100_000,
) -> list[DocumentRow]:
    """Documents of a kind (all kinds where it is empty) of some teams (all where None), by team and name."""
    query = _select(teams).order_by(_of.type, _of.team, _of.name).limit(limit)
    for column, value in ((_of.type, kind), (_of.team, team), (_of.name, name)):
        query = query.where(column == value) if value else query
    return [DocumentRow(*row) for row in connection.execute(query)]


def keys(connection: Connection, names: Collection[str] | None = None) -> set[DocumentKey]:
    """What names each document that exists, or each of those that have one of these names."""
    query = select(_of.type, _of.team, _of.name).where(~_of.deleted, _of.type.in_(list(KINDS)))
    if names is not None and len(names) <= NAMED:
        query = query.where(_of.name.in_(sorted(names)))
    return {(kind, team, name) for kind, team, name in connection.execute(query)}


def mentioning(connection: Connection, name: str) -> list[DocumentRow]:
    """The documents in whose text a name stands: those that refer to it, and a few more."""
    query = _select(None).where(cast(_of.body, Text).contains(name, autoescape=True))
    return [DocumentRow(*row) for row in connection.execute(query.order_by(_of.type, _of.team, _of.name))]


def some(connection: Connection, ids: Collection[str], teams: list[str] | None) -> dict[str, DocumentRow]:
    """By id, those of these documents that exist and one of the teams owns."""
    rows = (DocumentRow(*row) for row in connection.execute(_select(teams).where(_of.id.in_(sorted(ids)))))
    return {row.id: row for row in rows}


def count(connection: Connection, team: str) -> int:
    """How many documents a team has."""
    query = select(func.count()).select_from(schema.documents).where(~_of.deleted, _of.team == team)
    return int(connection.scalar(query) or 0)


def one(connection: Connection, document_id: str, teams: list[str] | None) -> DocumentRow | None:
    """The document with this id, where one of the teams owns it."""
    row = connection.execute(_select(teams).where(_of.id == document_id)).first()
    return None if row is None else DocumentRow(*row)
