"""Every revision of documents that is kept: of one document, or of all of some teams as the lines of the audit."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Select, and_, select

from sinks.history import schema
from streams.audit_chain import AuditLine

_of = schema.revisions.c
_earlier = schema.revisions.alias("earlier")


class RevisionRow(NamedTuple):
    """One revision with its line, its text and that of the revision before.

    `body` None: the document was deleted, or the text is no longer kept; `before` likewise, or there was none.
    """

    line: AuditLine
    previous: str
    hash: str
    body: dict[str, Any] | None
    before: dict[str, Any] | None
    before_kept: bool

    @property
    def deleted(self) -> bool:
        """Whether the document ended with this revision."""
        return not self.line.digest

    @property
    def kept(self) -> bool:
        """Whether its text is still there; one that deletes has none and needs none."""
        return self.deleted or self.body is not None


class AuditQuestion(NamedTuple):
    """Which lines. Empty texts: any. `teams` None: of all teams; `since`, `until`: ms UTC."""

    teams: list[str] | None
    team: str = ""
    kind: str = ""
    name: str = ""
    by: str = ""
    since: int | None = None
    until: int | None = None
    after: tuple[int, str, int] | None = None  # instant, team and place of the last line of the page before
    limit: int = 50


def _select() -> Select[Any]:
    """Each revision beside the one before it of the same document."""
    one_before = and_(_earlier.c.document_id == _of.document_id, _earlier.c.revision == _of.revision - 1)
    columns = [_of[name] for name in AuditLine._fields]
    more = (
        _of.previous,
        _of.hash,
        _of.body,
        _earlier.c.body.label("before"),
        _earlier.c.digest.label("then"),
    )
    return select(*columns, *more).select_from(schema.revisions.outerjoin(_earlier, one_before))


def _row(stored: Any) -> RevisionRow:
    line = AuditLine(*stored[: len(AuditLine._fields)])
    body, before = (None if text is None else orjson.loads(text) for text in (stored.body, stored.before))
    nothing = line.revision == 1 or stored.then == ""
    return RevisionRow(line, stored.previous, stored.hash, body, before, nothing or before is not None)


def of_document(
    connection: Connection, document_id: str, teams: list[str] | None, below: int | None, limit: int
) -> list[RevisionRow]:
    """The revisions of a document that one of the teams owns, the newest first; `below`: those with lower numbers."""
    query = _select().where(_of.document_id == document_id)
    if teams is not None:
        query = query.where(_of.team.in_(teams))
    if below is not None:
        query = query.where(_of.revision < below)
    return [_row(stored) for stored in connection.execute(query.order_by(_of.revision.desc()).limit(limit))]


def one(
    connection: Connection, document_id: str, revision: int, teams: list[str] | None
) -> RevisionRow | None:
    """One revision of a document that one of the teams owns."""
    rows = of_document(connection, document_id, teams, revision + 1, 1)
    return rows[0] if rows and rows[0].line.revision == revision else None


def lines(connection: Connection, asked: AuditQuestion) -> list[RevisionRow]:
    """The lines that are asked for, the newest first."""
    query = _select()
    if asked.teams is not None:
        query = query.where(_of.team.in_(asked.teams))
    wanted = ((_of.team, asked.team), (_of.type, asked.kind), (_of.name, asked.name), (_of.by, asked.by))
    for column, word in wanted:
        query = query.where(column == word) if word else query
    if asked.since is not None:
        query = query.where(_of.at >= asked.since)
    if asked.until is not None:
        query = query.where(_of.at < asked.until)
    if asked.after is not None:
        at, team, place = asked.after
        later = (_of.team > team) | ((_of.team == team) & (_of.place < place))
        query = query.where((_of.at < at) | ((_of.at == at) & later))
    ordered = query.order_by(_of.at.desc(), _of.team, _of.place.desc()).limit(asked.limit)
    return [_row(stored) for stored in connection.execute(ordered)]


def chained(
    connection: Connection, team: str, after: int, limit: int
) -> list[tuple[RevisionRow, str | None]]:
    """The lines of a team in the order of its chain, from after a place on, with their texts as they are stored."""
    query = _select().where(_of.team == team, _of.place > after).order_by(_of.place).limit(limit)
    return [(_row(stored), stored.body) for stored in connection.execute(query)]


def teams(connection: Connection, readable: list[str] | None) -> list[str]:
    """The teams that have a chain, of those that may be read."""
    query = select(_of.team).distinct().order_by(_of.team)
    return list(connection.scalars(query if readable is None else query.where(_of.team.in_(readable))))
