"""Every revision of a document, as it was, in the order of the log, chained team by team.

A revision is known by its document and its number, so a change that comes again adds nothing. Texts go by number and
age; their lines, which hold the chain, stay longer, and go from its beginning only.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from sinks.history import schema
from sinks.history.projection import Placed
from streams.audit_chain import AuditLine, canonical, digest
from streams.messages.change import Change
from streams.topics import DAY

TEXTS = 100  # of one document that are kept, the newest
TEXT_KEPT = 400 * DAY  # ms; that of a document as it is now is kept for ever
LINE_KEPT = 1_830 * DAY  # five years
_of = schema.revisions.c


def keep(connection: Connection, changes: Iterable[Placed]) -> None:
    """Add the revisions that these changes hold and that are not rows yet, each after the newest of its team."""
    new = [change for _, _, change in changes if change is not None and change.document is not None]
    heads: dict[str, tuple[int, str]] = {}
    for change in new:
        assert change.document is not None
        if not _known(connection, change.document.id, change.document.revision):
            team = change.document.owner
            place, previous = heads.get(team) or _head(connection, team)
            row = _row(change, place + 1, previous)
            connection.execute(insert(schema.revisions).values(row))
            heads[team] = (place + 1, row["hash"])


def _known(connection: Connection, document: str, revision: int) -> bool:
    here = (_of.document_id == document) & (_of.revision == revision)
    return connection.scalar(select(_of.place).where(here)) is not None


def _head(connection: Connection, team: str) -> tuple[int, str]:
    """The place and the hash of a team's newest line; 0 and "" where there is none."""
    newest = select(_of.place, _of.hash).where(_of.team == team).order_by(_of.place.desc()).limit(1)
    newest_row = connection.execute(newest).first()
    return (0, "") if newest_row is None else (newest_row.place, newest_row.hash)


def _row(change: Change, place: int, previous: str) -> dict[str, Any]:
    snapshot = change.document
    assert snapshot is not None
    text = canonical(snapshot.body)
    line = AuditLine(
        place, snapshot.owner, snapshot.type, snapshot.name, snapshot.id, snapshot.revision, change.what, change.by,
        change.at, digest(text),
    )  # fmt: skip
    return line._asdict() | {"body": text, "previous": previous, "hash": line.hash(previous)}


def prune(connection: Connection, now: int) -> int:
    """Forget the texts and lines that are beyond what is kept; how many. `now`: the newest change, ms UTC."""
    nth = func.row_number().over(partition_by=_of.document_id, order_by=_of.revision.desc()).label("nth")
    ranked = select(_of.document_id, _of.revision, _of.at, _of.body, nth).subquery()
    old = (ranked.c.nth > TEXTS) | ((ranked.c.nth > 1) & (ranked.c.at < now - TEXT_KEPT))
    gone = connection.execute(
        select(ranked.c.document_id, ranked.c.revision).where(ranked.c.body.is_not(None), old)
    ).all()
    for document, revision in gone:
        here = (_of.document_id == document) & (_of.revision == revision)
        connection.execute(update(schema.revisions).where(here).values(body=None))
    return len(gone) + _prune_lines(connection, now - LINE_KEPT)


def _prune_lines(connection: Connection, before: int) -> int:
    """Remove what lies before the first line of each team that is young enough, or has a text still."""
    stays = (_of.at >= before) | _of.body.is_not(None)
    first = select(_of.team, func.min(_of.place)).where(stays).group_by(_of.team)
    gone = 0
    for team, place in connection.execute(first).all():
        statement = delete(schema.revisions).where(_of.team == team, _of.place < place)
        gone += connection.execute(statement).rowcount
    return gone
