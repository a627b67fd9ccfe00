"""The list of alerts, page by page: the most severe first, then the newest.

Each pair of severity and status is one range of an index, in the order of the list already; so a page costs a
few short reads, however many alerts are open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, String, and_, cast, func, or_, select

from api.queries.alerts import explained, shown
from api.queries.cursor import Cursor
from sinks.history import schema

SEVERITIES = ("critical", "warning", "info")
STATUSES = ("firing", "acknowledged", "resolved")
_of = schema.alerts.c


class Filters(NamedTuple):
    """Which alerts. Empty lists and texts: any. `teams` None: of all teams; `since`: ms of the newest change.

    `begins`: the first characters of their ids. `suppressed`: whether nobody is told of them; None: either.
    """

    teams: list[str] | None
    statuses: Sequence[str] = ()
    severities: Sequence[str] = ()
    team: str = ""
    gateway: str = ""
    rule: str = ""
    text: str = ""
    since: int | None = None
    begins: str = ""
    suppressed: bool | None = None


def page(connection: Connection, filters: Filters, after: Cursor | None, limit: int) -> dict[str, Any]:
    """One page, how many there are in all, and the sequence from which the live stream goes on."""
    sequence = connection.scalar(select(func.max(schema.timeline.c.sequence))) or 0
    wanted = and_(True, *conditions(filters, connection.dialect.name))
    listed = (
        _of.status.in_(filters.statuses or STATUSES),
        _of.severity.in_(filters.severities or SEVERITIES),
    )
    total = connection.scalar(select(func.count()).select_from(schema.alerts).where(wanted, *listed))
    rows = _rows(connection, filters, wanted, after, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": [shown(row) for row in rows[:limit]],
        "total": total or 0,
        "next_cursor": _cursor(last).spell() if last else None,
        "sequence": sequence,
    }


def _cursor(row: RowMapping) -> Cursor:
    return Cursor(SEVERITIES.index(row["severity"]), row["triggered_at"], row["id"])


def _rows(
    connection: Connection, filters: Filters, wanted: Any, after: Cursor | None, limit: int
) -> list[RowMapping]:
    """The first rows after the cursor: severity by severity, the ranges of its statuses merged."""
    selected: list[RowMapping] = []
    for rank, severity in enumerate(SEVERITIES):
        if (
            len(selected) == limit
            or (after and rank < after.rank)
            or severity not in (filters.severities or SEVERITIES)
        ):
            continue
        begin = after if after and rank == after.rank else None
        left = limit - len(selected)
        query = _range(wanted & (_of.severity == severity), begin, left, connection.dialect.name)
        rows = [
            row
            for status in filters.statuses or STATUSES
            for row in connection.execute(query.where(_of.status == status)).mappings()
        ]
        selected += sorted(rows, key=lambda row: (-row["triggered_at"], row["id"]))[:left]
    return selected


def _range(wanted: Any, begin: Cursor | None, limit: int, dialect: str) -> Select[Any]:
    """The first alerts of a condition after the cursor, the newest first, of whatever status."""
    id_ = _of.id.collate("C" if dialect == "postgresql" else "BINARY")  # as Python sorts
    query = select(schema.alerts, *explained()).where(wanted)
    if begin is not None:
        later = and_(_of.triggered_at == begin.at, id_ > begin.id)
        query = query.where(_of.triggered_at <= begin.at, or_(_of.triggered_at < begin.at, later))
    return query.order_by(_of.triggered_at.desc(), id_).limit(limit)


def conditions(filters: Filters, dialect: str) -> list[ColumnElement[bool]]:
    """What the filters ask for beside statuses and severities."""
    equal = ((_of.team, filters.team), (_of.gateway, filters.gateway))
    clauses: list[ColumnElement[bool]] = [column == value for column, value in equal if value]
    if filters.teams is not None:
        clauses.append(_of.team.in_(filters.teams))
    if filters.rule:
        clauses.append(or_(_of.rule == filters.rule, _of.rule_id == filters.rule))
    if filters.since is not None:
        clauses.append(_of.updated_at >= filters.since)
    if filters.suppressed is not None:
        clauses.append(
            _of.suppressed_since.is_not(None) if filters.suppressed else _of.suppressed_since.is_(None)
        )
    if filters.begins:
        clauses.append(_of.id.startswith(filters.begins, autoescape=True))
    return clauses + [contains(word, dialect) for word in filters.text.split()]


def contains(word: str, dialect: str) -> ColumnElement[bool]:
    """Whether a word stands in one of the texts, whatever its case (which SQLite's LIKE ignores by itself)."""
    pattern = "%" + word.replace("/", "//").replace("%", "/%").replace("_", "/_") + "%"
    texts = (_of.message, _of.rule, _of.gateway, _of.team, cast(_of.labels, String))
    if dialect == "sqlite":
        return or_(*(text.like(pattern, escape="/") for text in texts))
    return or_(*(text.ilike(pattern, escape="/") for text in texts))
