"""Which alerts matchers cover, by the very code that suppresses: those that are open, and those that fired lately."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from api.instant import spell
from api.queries import documents
from sinks.history import schema
from streams.documents import coverage
from streams.documents.document import PLATFORM
from streams.documents.rule import Rule
from tables.respond.route.match import owners

DAY = 86_400_000  # ms
SHOWN = 20  # alerts by name
_of = schema.alerts.c
_COLUMNS = (
    _of.id, _of.status, _of.severity, _of.message, _of.team, _of.gateway, _of.rule, _of.rule_id, _of.labels,
    _of.triggered_at, _of.suppressed_since,
)  # fmt: skip


class Covering(NamedTuple):
    """Matchers of a document of `team`, asked about at `now`, ms UTC; `teams`: whose alerts may be seen, None: all."""

    covers: str
    team: str
    teams: list[str] | None
    now: int


def covered(connection: Connection, asked: Covering) -> dict[str, Any]:
    """How many open alerts are covered, of how many; the first of them; and how many that fired within a day."""
    types = _types(connection)
    is_open = _of.status != "resolved"
    opened = [row for row in _rows(connection, asked, is_open) if _reached(row, asked)]
    hit = [row for row in opened if _fits(row, asked, types)]
    lately = _rows(connection, asked, _of.triggered_at >= asked.now - DAY)
    day = sum(_reached(row, asked) and _fits(row, asked, types) for row in lately)
    hit.sort(key=lambda row: (-row["triggered_at"], row["id"]))
    return {
        "open": len(opened),
        "covered": len(hit),
        "items": [_shown(row) for row in hit[:SHOWN]],
        "fired_within_day": day,
    }


def _rows(connection: Connection, asked: Covering, where: ColumnElement[bool]) -> Iterator[RowMapping]:
    query = select(*_COLUMNS).where(where)
    if asked.team != PLATFORM:
        query = query.where(_of.team == asked.team)
    if asked.teams is not None:
        query = query.where(_of.team.in_(asked.teams))
    yield from connection.execute(query.execution_options(yield_per=1_000)).mappings()


def _reached(row: RowMapping, asked: Covering) -> bool:
    """Whether documents of the team count for the alert's."""
    return asked.team in owners(row["team"])


def _fits(row: RowMapping, asked: Covering, types: dict[str, str]) -> bool:
    about = {name: row[name] for name in ("severity", "team", "rule", "gateway")}
    return coverage.covers(asked.covers, row["labels"] | about | {"type": types.get(row["rule_id"], "")})


def _types(connection: Connection) -> dict[str, str]:
    """What kind each rule is of, by its id."""
    rows = documents.all_of(connection, Rule.type, None)
    return {rule.id: rule.rule_type for rule in documents.readable(rows) if isinstance(rule, Rule)}


def _shown(row: RowMapping) -> dict[str, Any]:
    names = ("id", "status", "severity", "message", "team", "gateway", "rule")
    return {name: row[name] for name in names} | {"triggered_at": spell(row["triggered_at"])}
