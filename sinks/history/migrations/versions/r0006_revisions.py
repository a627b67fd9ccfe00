"""Schema 6: every revision of a document in the chain of its team, and an index over open alerts alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Index,
    MetaData,
    Table,
    Text,
    column,
    insert,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from streams.audit_chain import AuditLine, canonical, digest

revision, down_revision = "0006", "0005"
metadata = MetaData()
_json = JSON().with_variant(JSONB(), "postgresql")
_revisions = Table(
    "revisions",
    metadata,
    Column("document_id", Text, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("body", Text),
    Column("digest", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("revisions_by_place", "team", "place", unique=True),
    Index("revisions_by_time", "at"),
)
_entry = table(
    "timeline", *map(column, ("sequence", "at", "subject", "what", "by")), column("snapshot", _json)
)
_document = table(
    "documents",
    *map(column, ("id", "type", "name", "team", "revision", "deleted", "updated_at", "updated_by")),
    column("body", _json),
)

OPEN = ("team", "severity", "rule_id", "rule", "gateway", "status", "suppressed_since")
IS_OPEN = text("status <> 'resolved'")
FIELDS = ("owner", "type", "name", "id", "revision")


class _Found(NamedTuple):
    """A revision of which the tables of before know."""

    at: int
    what: str
    by: str
    snapshot: dict[str, Any]


def upgrade() -> None:
    """Make table and index, and chain what the timeline and the documents know."""
    metadata.create_all(op.get_bind())
    op.create_index("alerts_open", "alerts", list(OPEN), sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
    connection, heads = op.get_bind(), dict[str, tuple[int, str]]()
    changes = {
        (change.snapshot["id"], change.snapshot["revision"]): change for change in _standing(connection)
    }
    changes |= {
        (change.snapshot["id"], change.snapshot["revision"]): change for change in _happened(connection)
    }
    for change in sorted(
        changes.values(), key=lambda change: (change.at, change.snapshot["id"], change.snapshot["revision"])
    ):
        place, previous = heads.get(change.snapshot["owner"], (0, ""))
        body = canonical(change.snapshot["body"])
        team, kind, name, id_, number = (change.snapshot[field] for field in FIELDS)
        line = AuditLine(
            place + 1, team, kind, name, id_, number, change.what, change.by, change.at, digest(body)
        )
        row = line._asdict() | {"body": body, "previous": previous, "hash": line.hash(previous)}
        connection.execute(insert(_revisions).values(row))
        heads[line.team] = (line.place, row["hash"])


def _happened(connection: Connection) -> Iterator[_Found]:
    of = _entry.c
    entries = select(of.at, of.what, of.by, of.snapshot).where(of.subject == "document").order_by(of.sequence)
    for at, what, by, snapshot in connection.execute(entries):
        if snapshot and snapshot.get("id"):
            yield _Found(at, what, by, snapshot)


def _standing(connection: Connection) -> Iterator[_Found]:
    for row in connection.execute(select(_document)):
        what = "deleted" if row.deleted else "created" if row.revision == 1 else "changed"
        body = None if row.deleted else row.body
        snapshot = {"owner": row.team, "type": row.type, "name": row.name, "id": row.id, "body": body}
        yield _Found(row.updated_at, what, row.updated_by, snapshot | {"revision": row.revision})
