"""How long questions about ninety days take on a read model of a million alerts, on SQLite and on PostgreSQL.

PostgreSQL is measured where this machine has one, or TEST_POSTGRESQL names an empty database.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, MetaData, text

from api.queries.history import metrics, noise
from api.queries.history.period import Period
from api.queries.history.selection import Selection
from sinks.history.database import address, engine
from sinks.history.store import Store
from streams.settings import Settings
from streams.topics import DAY
from tests.bench.options import Options
from tests.sinks.postgresql import postgresql

ALERTS, TEAMS, RULES, DAYS = 1_000_000, 40, 400, 90
NOW = 1_764_000_000_000
NUMBERS = "WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {count}) "
ALERTS_OF = """
INSERT INTO alerts (id, fingerprint, rule_id, rule, status, severity, message, triggered_at, acknowledged_at,
    acknowledged_by, resolved_at, team, why_team, gateway, labels, groups, runbook, "unknown", data_quality, delayed,
    version, "partition", "offset", updated_at, first_acknowledged_at, suppressed_for)
{numbers} SELECT 'alert-' || i, 'prod|rule|' || (i % 50000), 'rule-' || (i % {rules}), 'tool errors ' || (i % {rules}),
    'resolved', CASE i % 5 WHEN 0 THEN 'critical' WHEN 1 THEN 'info' ELSE 'warning' END,
    'errors of tool calls are 12.3 % for upstream number ' || i, {at}, NULL, NULL,
    {at} + 60000 + (i * 7919) % 7200000, 'team-' || (i % {teams}), 'its rule''s', 'gateway-' || (i % 50), {labels},
    {groups}, 'https://wiki.example/runbook', '', '[]', {false}, 3, 0, i, {at},
    CASE WHEN i % 4 = 0 THEN NULL ELSE {at} + 1000 + (i * 104729) % 900000 END,
    CASE WHEN i % 20 = 0 THEN 600000 ELSE 0 END FROM numbers
"""
TOLD_OF = """
INSERT INTO timeline (id, at, team, subject, subject_id, alert_id, "group", what, reason_code, reason, "by")
{numbers} SELECT 'told-' || i, {at}, 'team-' || (i % {teams}), 'notification', '', '', 'group-' || (i % {rules}),
    'firing', '', 'anna: first alert', '' FROM numbers
"""
RULES_OF = """
INSERT INTO group_rules ("group", rule_id, rule)
{numbers} SELECT 'group-' || i, 'rule-' || i, 'tool errors ' || i FROM numbers
"""


def measure(options: Options) -> dict[str, Any]:
    """Seconds of each question, the middle of five askings, by database."""
    options.folder.mkdir(parents=True, exist_ok=True)
    places = {"sqlite": f"sqlite:///{options.folder / 'history.sqlite'}"}
    with postgresql() as server:
        places |= {"postgresql": server} if server else {}
        return {"alerts": ALERTS, "days": DAYS} | {name: _measured(place) for name, place in places.items()}


def _measured(place: str) -> dict[str, float]:
    database = engine(address(Settings(database=place)))
    _empty(database)
    try:
        began = time.perf_counter()
        fill(database)
        made = {"filled": round(time.perf_counter() - began, 1)}
        return made | {name: _seconds(database, question) for name, question in QUESTIONS.items()}
    finally:
        _empty(database)
        database.dispose()


def _empty(database: Engine) -> None:
    held = MetaData()
    held.reflect(database)
    held.drop_all(database)


def fill(database: Engine, alerts: int = ALERTS) -> None:
    """Put so many alerts into an empty database, spread evenly over the days, and a notification for every tenth."""
    Store(database).prepare()
    postgresql = database.dialect.name == "postgresql"
    words = {
        "rules": RULES, "teams": TEAMS, "false": "false" if postgresql else "0",
        "labels": "{labels}", "groups": "{groups}",
    }  # fmt: skip
    labels = "'{\"upstream\": \"' || (i % 50000) || '\"}'"
    groups = "'[\"group-' || (i % 400) || '\"]'"
    as_json = "CAST({} AS jsonb)" if postgresql else "{}"
    empty = "CAST('[]' AS jsonb)" if postgresql else "'[]'"
    words |= {"labels": as_json.format(labels), "groups": as_json.format(groups)}
    with database.begin() as connection:
        for statement, count in ((ALERTS_OF, alerts), (TOLD_OF, alerts // 10), (RULES_OF, RULES)):
            at = f"(CAST({NOW - DAYS * DAY} AS BIGINT) + CAST(i AS BIGINT) * {DAYS * DAY // count})"
            numbers = NUMBERS.format(count=count).replace("SELECT 0", "SELECT CAST(0 AS BIGINT)")
            made = statement.format(**words, at=at, numbers=numbers).replace("'[]'", empty)
            connection.execute(text(made.replace(":", "\\:")))
    if postgresql:
        with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))  # as its own housekeeping does, sooner or later


def _selection() -> Selection:
    return Selection(None, Period(NOW - DAYS * DAY, NOW, ZoneInfo("Europe/Berlin")))


QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "metrics by team": lambda connection: metrics.by(connection, _selection(), ["team"]),
    "metrics by rule": lambda connection: metrics.by(connection, _selection(), ["rule"]),
    "metrics by team and severity": lambda connection: metrics.by(
        connection, _selection(), ["team", "severity"]
    ),
    "metrics of one team": lambda connection: metrics.by(
        connection, _selection()._replace(teams=["team-7"]), []
    ),
    "trend per day": lambda connection: metrics.trend(connection, _selection(), "day"),
    "noise": lambda connection: noise.noise(connection, _selection(), 20),
}


def _seconds(database: Engine, question: Callable[[Any], Any]) -> float:
    taken = []
    for _ in range(5):
        with database.connect() as connection:
            began = time.perf_counter()
            question(connection)
            taken.append(time.perf_counter() - began)
    return round(statistics.median(taken), 3)
