"""How much processor time each page takes while 100 000 alerts are open: rules, silences and windows among them.

The API answers in this process, so that nothing else is measured; the middle of five askings, after one that warms up.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any

import httpx
from sqlalchemy import URL, text

from api.dependencies import Dependencies
from api.http.app import create
from api.queries.database import Database, reader
from sinks.history.database import engine
from tests.api.conftest import ADMIN, NOW, Broker, History, Respond, wired
from tests.bench.history import NUMBERS
from tests.bench.options import Options

ALERTS, RULES, TEAMS = 100_000, 200, 40
PATHS = (
    "/overview", "/rules", "/rules?seen=true", "/silences", "/maintenance", "/history", "/history/noise", "/oncall",
    "/people", "/routing", "/policies", "/endpoints", "/audit", "/archive", "/v1/alerts?limit=50", "/v1/alerts/facets",
    "/v1/covered?covers=gateway%3Dgateway-1",
)  # fmt: skip
OPEN = """
INSERT INTO alerts (id, fingerprint, rule_id, rule, status, severity, message, triggered_at, team, why_team, gateway,
    labels, groups, runbook, "unknown", data_quality, delayed, version, "partition", "offset", updated_at,
    suppressed_for)
{numbers} SELECT 'open-' || i, 'prod|rule|' || i,
    (SELECT id FROM documents WHERE type = 'rule' AND name = 'r' || (i % {rules})), 'r' || (i % {rules}),
    CASE i % 3 WHEN 0 THEN 'acknowledged' ELSE 'firing' END,
    CASE i % 5 WHEN 0 THEN 'critical' WHEN 1 THEN 'info' ELSE 'warning' END,
    'errors of tool calls are 12.3 % for upstream number ' || i, {now} - i * 600, 'team-' || (i % {teams}),
    'its rule''s', 'gateway-' || (i % 50), '{{"upstream": "' || i || '"}}', '["group-' || (i % 400) || '"]', '', '',
    '[]', 0, 1, 0, i, {now} - i * 600, 0 FROM numbers
"""
ENTRIES = """
INSERT INTO timeline (id, at, team, subject, subject_id, alert_id, "group", what, reason_code, reason, "by", snapshot)
SELECT 'fired-' || id, triggered_at, team, 'alert', id, id, '', 'fired', '', 'it is wrong', '', json_object(
    'id', id, 'fingerprint', fingerprint, 'rule_id', rule_id, 'rule', rule, 'status', status, 'severity', severity,
    'message', message, 'triggered_at', triggered_at, 'team', team, 'why_team', why_team, 'gateway', gateway,
    'labels', json(labels), 'groups', json(groups), 'version', 1) FROM alerts
"""


def measure(options: Options) -> dict[str, Any]:
    """Milliseconds of processor time for each page."""
    options.folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_measured(options))


async def _measured(options: Options) -> dict[str, Any]:
    url = URL.create("sqlite", database=str(options.folder / "history.sqlite"))
    history, database = History(options.folder / "history.sqlite"), Database(reader(url))
    dependencies = wired(options.folder, database, Respond(history), Broker())
    async with _client(dependencies) as client:
        await _furnish(client)
        words = {"rules": RULES, "teams": TEAMS, "now": NOW, "numbers": NUMBERS.format(count=ALERTS)}
        with engine(url).begin() as connection:
            for statement in (OPEN, ENTRIES):
                connection.execute(text(statement.format(**words).replace(":", "\\:")))
        return {"open": ALERTS, "rules": RULES} | {path: await _milliseconds(client, path) for path in PATHS}


def _client(dependencies: Dependencies) -> httpx.AsyncClient:
    token = dependencies.tokens.issue(ADMIN, int(time.time()), 86_400)
    transport = httpx.ASGITransport(create(dependencies))
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(transport=transport, base_url="http://tocsin", headers=headers, timeout=600)


async def _furnish(client: httpx.AsyncClient) -> None:
    """Rules, five silences that hold and five windows."""
    rules = [{"type": "rule", "name": f"r{n}", "last": "errors", "above": 5} for n in range(RULES)]
    silence = {"type": "silence", "ends": "2026-12-06T02:00:00Z", "owner": "anna", "reason": "known"}
    window = {
        "type": "maintenance",
        "starts": "2025-11-24 15:30",
        "lasts": "2h",
        "time_zone": "UTC",
        "reason": "x",
    }
    quiet = [
        one | {"name": f"{one['type']}{n}", "covers": f"gateway=gateway-{n}"}
        for one in (silence, window)
        for n in range(5)
    ]
    answer = await client.post("/v1/documents", json={"documents": [*rules, *quiet]})
    assert {one["status"] for one in answer.json()["results"]} == {"accepted"}, answer.text


async def _milliseconds(client: httpx.AsyncClient, path: str) -> float:
    taken = []
    for _ in range(6):
        began = time.process_time()
        answer = await client.get(path)
        taken.append(1_000 * (time.process_time() - began))
        assert answer.status_code == 200, answer.text
    return round(statistics.median(taken[1:]), 1)
