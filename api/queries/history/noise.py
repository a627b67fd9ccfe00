"""Which rules made most noise: by notifications, by notifications at night, by alerts that nobody acknowledged."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, case, cast, func, select

from api.queries.history.period import Period, local
from api.queries.history.selection import Selection
from sinks.history import schema

TOLD = ("firing", "escalated", "reminder")  # what wakes people; the word that it is over does not
QUARTER = 900_000  # ms: every zone's day begins at a quarter of an hour
NIGHT = (22, 7)  # from this hour to before that one, in the reader's zone
_of, _then, _rules = schema.alerts.c, schema.timeline.c, schema.group_rules.c


def noise(connection: Connection, selection: Selection, limit: int) -> list[dict[str, Any]]:
    """The rules with most notifications first. A notification of a group of several rules counts for each of them."""
    told, night = _notifications(connection, selection)
    by_rule = {row["rule_id"]: row for row in _alerts(connection, selection)}
    rows = [
        {
            "rule_id": rule_id,
            "rule": row["rule"],
            "team": row["team"],
            "notifications": told[rule_id],
            "at_night": night[rule_id],
            "alerts": row["alerts"],
            "never_acknowledged": row["ignored"],
        }
        for rule_id, row in by_rule.items()
    ]
    return sorted(rows, key=_loudness)[:limit]


def _loudness(row: dict[str, Any]) -> tuple[int, int, int, str]:
    return -row["notifications"], -row["at_night"], -row["never_acknowledged"], row["rule_id"]


def _alerts(connection: Connection, selection: Selection) -> Any:
    ignored = case((and_(_of.resolved_at.is_not(None), _of.first_acknowledged_at.is_(None)), 1), else_=0)
    counted = (
        select(_of.rule_id, func.count().label("alerts"), func.sum(ignored).label("ignored"))
        .where(selection.where(connection.dialect.name))
        .group_by(_of.rule_id)
        .subquery()
    )
    newest = select(_of.id).where(_of.rule_id == counted.c.rule_id).order_by(_of.triggered_at.desc()).limit(1)
    query = select(counted, _of.rule, _of.team).join_from(
        counted, schema.alerts, _of.id == newest.correlate(counted).scalar_subquery()
    )
    return connection.execute(query).mappings()


def _notifications(connection: Connection, selection: Selection) -> tuple[Counter[str], Counter[str]]:
    """How many by rule, in all and at night; the night is told by the quarter of an hour in which they were sent."""
    period = selection.period
    quarter = cast(_then.at // QUARTER, BigInteger).label("quarter")
    query = (
        select(_rules.rule_id, quarter, func.count())
        .join_from(schema.timeline, schema.group_rules, _rules.group == _then.group)
        .where(_then.subject == "notification", _then.what.in_(TOLD))
        .where(_then.at >= period.begin, _then.at < period.end)
        .group_by(_rules.rule_id, quarter)
    )
    if selection.teams is not None:
        query = query.where(_then.team.in_(selection.teams))
    told, night = Counter[str](), Counter[str]()
    for rule_id, number, count in connection.execute(query):
        told[rule_id] += count
        night[rule_id] += count if at_night(number * QUARTER, period) else 0
    return told, night


def at_night(at: int, period: Period) -> bool:
    """Whether clocks of the reader's zone show an hour of the night at an instant, ms UTC."""
    begin, end = NIGHT
    hour = local(at, period.zone).hour
    return hour >= begin or hour < end
