"""What an alert of an anomaly rule shows besides: its series with the band, the unit, and who said that it is none."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, select

from api.instant import spell
from api.queries import documents
from sinks.history import schema
from streams.documents.conditions.condition import Condition
from streams.documents.document import derived
from streams.documents.rule import Rule
from streams.errors import Refused

MOST = 1_000  # changes of one alert that are looked through
_UNITS = {"seconds": "s", "milliseconds": "ms", "bytes": "B", "ratio": "", "percent": "%"}
_then = schema.timeline.c


def dismissed(connection: Connection, alert: RowMapping) -> dict[str, Any] | None:
    """Who said, and when, that the alert is no anomaly; None where nobody did."""
    of = schema.documents.c
    named = str(derived(alert["team"], "dismissal", f"alert-{alert['id']}"))
    query = select(of.updated_by, of.updated_at).where(of.id == named, ~of.deleted)
    row = connection.execute(query).first()
    return None if row is None else {"by": row[0], "at": spell(row[1])}


def anomaly(connection: Connection, alert: RowMapping) -> dict[str, Any] | None:
    """What the model of an anomaly rule said when it last got worse, with the rows before it; None for other rules."""
    own = select(_then.snapshot).where(_then.alert_id == alert["id"], _then.subject == "alert")
    told = connection.execute(own.order_by(_then.sequence.desc()).limit(MOST)).scalars()
    readings = [candidate["anomaly"] for candidate in told if candidate and candidate.get("anomaly")]
    reading = next(
        (candidate for candidate in readings if candidate.get("recent_points")),
        readings[0] if readings else None,
    )
    if reading is None:
        return None
    points = [[spell(at), *numbers] for at, *numbers in reading.get("recent_points", ())]
    instants = {"at": spell(reading["at"]), "since": spell(reading["since"])}
    shown = {**reading, **instants, "recent_points": points}
    return shown | _measured(connection, alert["rule_id"])


def _measured(connection: Connection, rule_id: str) -> dict[str, Any]:
    """What is measured, in which unit, and above which score it is news, as the rule says now."""
    row = documents.one(connection, rule_id, None)
    try:
        rule = None if row is None else row.document()
    except Refused:  # of a version that we no longer read
        rule = None
    if not isinstance(rule, Rule) or not rule.condition.anomaly:
        return {"metric": "", "unit": "", "threshold": None}
    limits = rule.levels()[0].values()
    return {"metric": rule.condition.anomaly, "unit": unit(rule.condition), "threshold": min(limits)}


def unit(condition: Condition) -> str:
    """In which unit the values of an anomaly condition are; empty where its names do not say."""
    over, stroke, _ = (condition.anomaly or "").partition(" / ")
    name = over.partition("{")[0].removesuffix("_sum").removesuffix("_total")
    of = _UNITS.get(name.rpartition("_")[2], "")
    if stroke:
        return "%" if condition.signal() == "errors" else of
    return f"{of}/s" if condition.signal() == "counter" else of
