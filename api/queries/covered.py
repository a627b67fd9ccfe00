"""What a silence or a window covers, and its owner, in; the open alerts that it would cover, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Select, select

from api.queries import documents
from api.queries.alerts import explained, shown
from sinks.history import schema
from streams.documents import coverage
from streams.documents.rule import Rule
from tables.respond.route.state import owners

LOOKED_AT = 20_000  # open alerts, and such as fired within a day, the newest first
DAY = 86_400_000  # ms
BROAD = 10  # alerts, which are a lot to be quiet about where they are a third of all
_of = schema.alerts.c


class CoveredAlerts(NamedTuple):
    """The first alerts that are covered, how many are in all, of how many that were looked at.

    `fired_within_day`: how many that fired within a day would have been, over or not; `warnings`: what to think of.
    """

    items: list[dict[str, Any]]
    total: int
    open: int
    fired_within_day: int
    warnings: list[str]


def covered(
    connection: Connection, covers: str, owner: str, teams: list[str] | None, now: int, limit: int
) -> CoveredAlerts:
    """The open alerts of readable teams (None: all) that matchers of an owner's document fit; Refused: no matchers.

    `now`: ms UTC.
    """
    checked = coverage.checked(covers, whole=True)
    alerts = _reached(_open(connection, teams), owner)
    fits = [alert.row for alert in alerts if alert.fits(checked, owner)]
    lately = sum(alert.fits(checked, owner) for alert in _fired(connection, teams, now - DAY))
    return CoveredAlerts(
        [shown(row) for row in fits[:limit]],
        len(fits),
        len(alerts),
        lately,
        _warnings(len(fits), len(alerts)),
    )


def _warnings(covered: int, opened: int) -> list[str]:
    broad = covered >= BROAD and 3 * covered >= opened
    return [f"this is broad: it covers {covered} of {opened} open alerts"] if broad else []


def _reached(alerts: list[_LookedAt], owner: str) -> list[_LookedAt]:
    """Those for whose team an owner's documents count."""
    return [alert for alert in alerts if owner in owners(alert.row["team"])]


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
    return _rows(connection, teams, select(schema.alerts, *explained()).where(_of.status != "resolved"))


def _fired(connection: Connection, teams: list[str] | None, since: int) -> list[_LookedAt]:
    columns = (_of.severity, _of.team, _of.rule, _of.rule_id, _of.gateway, _of.labels)
    return _rows(connection, teams, select(*columns).where(_of.triggered_at >= since))


def _rows(
    connection: Connection, teams: list[str] | None, query: Select[*tuple[Any, ...]]
) -> list[_LookedAt]:
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
