"""What silences and windows that hold cover, and their owners, in; how many open alerts each covers, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, RowMapping, select

from api.queries import documents
from sinks.history import schema
from streams.documents import coverage
from streams.documents.rule import Rule
from tables.respond.route.state import owners

LOOKED_AT = 20_000  # open alerts, the newest first
_of = schema.alerts.c


def counts(
    connection: Connection, documents_: Sequence[tuple[str, str]], teams: list[str] | None
) -> list[int]:
    """How many open alerts each of several documents covers, of which `covers` and the owner are given."""
    alerts = _open(connection, teams) if documents_ else []
    return [sum(alert.fits(covers, owner) for alert in alerts) for covers, owner in documents_]


class _LookedAt(NamedTuple):
    row: RowMapping
    labels: dict[str, str]

    def fits(self, covers: str, owner: str) -> bool:
        return owner in owners(self.row["team"]) and coverage.covers(covers, self.labels)


def _open(connection: Connection, teams: list[str] | None) -> list[_LookedAt]:
    columns = (_of.severity, _of.team, _of.rule, _of.rule_id, _of.gateway, _of.labels)
    query = select(*columns).where(_of.status != "resolved")
    query = query if teams is None else query.where(_of.team.in_(teams))
    rows = connection.execute(query.order_by(_of.triggered_at.desc()).limit(LOOKED_AT)).mappings()
    types = dict(_types(connection))
    return [_LookedAt(row, matchable(row, types)) for row in rows]


def matchable(alert: RowMapping, types: Mapping[str, str]) -> dict[str, str]:
    """What matchers see of an alert, as respond shows it to them. `types`: those of rules, by their ids."""
    about = {name: alert[name] for name in ("severity", "team", "rule", "gateway")}
    return dict(alert["labels"]) | about | {"type": types.get(alert["rule_id"], "")}


def _types(connection: Connection) -> Iterator[tuple[str, str]]:
    for rule in documents.readable(documents.all_of(connection, "rule", None)):
        if isinstance(rule, Rule):
            yield rule.id, str(rule.rule_type)
