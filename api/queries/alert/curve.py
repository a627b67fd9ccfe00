"""The values that an alert had lately, with the thresholds of its rule, to be drawn."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, select

from api.instant import spell
from api.queries import documents
from sinks.history import schema
from streams.documents.rule import Rule
from streams.errors import Refused

MOST = 500  # points, the newest
_of = schema.alert_values.c


def curve(connection: Connection, alert: RowMapping) -> dict[str, Any] | None:
    """`points` as `[at, value]`, the oldest first; `thresholds` by severity, as the rule is now; None: no values."""
    query = select(_of.at, _of.value).where(_of.alert_id == alert["id"]).order_by(_of.at.desc()).limit(MOST)
    rows = connection.execute(query).all()
    if not rows:
        return None
    return {"points": [[spell(at), value] for at, value in reversed(rows)]} | _thresholds(
        connection, alert["rule_id"]
    )


def _thresholds(connection: Connection, rule_id: str) -> dict[str, Any]:
    """Of a rule that compares with a number on one side; none of others, or where it cannot be read any more."""
    none: dict[str, Any] = {"thresholds": {}, "comparison": "", "unit": ""}
    row = documents.one(connection, rule_id, None)
    try:
        rule = None if row is None else row.document()
    except Refused:  # of a version that we no longer read
        return none
    if not isinstance(rule, Rule) or rule.condition.anomaly or not rule.condition.comparison:
        return none
    limits = {severity: float(limit) for severity, limit in rule.levels()[0].items()}
    return {"thresholds": limits, "comparison": rule.condition.comparison, "unit": rule.condition.unit}
