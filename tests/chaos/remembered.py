"""What the history holds against the topic that it projects: every change, and the newest state of every alert."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import orjson

from streams.topics import CHANGES
from tests.chaos.ground import Dumps

COMPARED = ("status", "severity", "acknowledged_by", "resolved_by", "version")
ALERTS = "select id, status, severity, acknowledged_by, resolved_by, version from alerts"


def remembered(dumps: Dumps, database: Path) -> dict[str, int]:
    """Counts; `missing`, `invented` and `wrong_alerts` must be zero."""
    changes = [orjson.loads(r.value or b"") for records in dumps[CHANGES].values() for r in records]
    said = {
        one["id"] for one in changes if one["what"] != "renewed"
    }  # another value moves the row, and has no line
    newest: dict[str, dict[str, object]] = {}
    for alert in (one["alert"] for one in changes if one["subject"] == "alert"):
        if alert["version"] > newest.get(alert["id"], {"version": -1})["version"]:
            newest[alert["id"]] = alert
    with closing(sqlite3.connect(database)) as open_:
        kept = {id for (id,) in open_.execute("select id from timeline")}
        rows = open_.execute(ALERTS).fetchall()
    alerts = {id: tuple(newest[id][name] for name in COMPARED) for id in newest}
    wrong = sum(alerts.get(id) != tuple(row) for id, *row in rows) + len(
        alerts.keys() - {row[0] for row in rows}
    )
    found = {"missing": len(said - kept), "invented": len(kept - said), "wrong_alerts": wrong}
    return {"changes": len(said), "alerts": len(alerts), **found, "faults": sum(found.values())}


def pending(database: Path) -> int:
    """Notifications of which an attempt is known and no end, as far as the history has come."""
    query = (
        "select count(distinct subject_id) from timeline where subject = 'attempt' and subject_id not in "
        "(select subject_id from timeline where subject = 'notification')"
    )
    try:
        with closing(sqlite3.connect(database)) as open_:
            return int(open_.execute(query).fetchone()[0])
    except sqlite3.OperationalError:
        return 1  # it is being made, or busy


def known(database: Path) -> int:
    """How many changes the history holds."""
    try:
        with closing(sqlite3.connect(database)) as open_:
            return int(open_.execute("select count(*) from timeline").fetchone()[0])
    except sqlite3.OperationalError:
        return -1
