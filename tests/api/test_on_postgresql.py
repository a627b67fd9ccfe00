"""The API answers alike on PostgreSQL and on SQLite: the same changes in both, every question asked of both."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import URL, MetaData

from api.commands.command_client import CommandClient
from api.dependencies import Dependencies
from api.http.app import create
from api.queries import commands
from api.queries.database import Database, address, reader, writer
from api.queries.read_marks import ReadMarks
from sinks.history.database import engine
from sinks.history.store import Position, Store
from streams.messages.alert import AlertSnapshot
from streams.messages.change import Change, DeliverySnapshot
from streams.settings import Settings
from tests.api.conftest import ADMIN, MEMBER, NOW, Broker, History, Respond, wired
from tests.api.harness import ANOMALY, HOOK, RULE, created
from tests.sinks.postgresql import MISSING, postgresql

HOUR = 3_600_000
ASKED = (
    "/v1/alerts", "/v1/alerts?limit=3", "/v1/alerts?q=SEARCH%20wrong",
    "/v1/alerts?team=payments&severity=critical,info",
    "/v1/alerts?suppressed=yes", "/v1/alerts?id=a-2", "/v1/alerts/facets", "/v1/alerts/facets?status=resolved",
    "/v1/alerts/a-2", "/v1/alerts/a-2/explain", "/v1/alerts/a-2/silence", "/v1/covered?covers=gateway%3Dprod",
    "/v1/covered?covers=upstream%3Da-2,severity%3Dwarning", "/v1/covered?covers=type%3Dthreshold",
    "/v1/history?from=2025-11-20&to=2025-11-30", "/v1/history/metrics?by=team,severity&zone=Europe/Berlin",
    "/v1/history/metrics?by=rule", "/v1/history/trends?per=week", "/v1/history/noise", "/v1/notifications",
    "/v1/notifications?unread=true", "/v1/audit", "/v1/audit/verify", "/v1/export", "/v1/rules", "/v1/endpoints",
    "/v1/escalations/overdue", "/v1/plan/warnings", "/v1/history/report?format=csv", "/v1/archives", "/overview",
    "/overview/first-steps", "/rules", "/silences", "/history", "/audit", "/api/v2/alerts",
)  # fmt: skip


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """An empty database of PostgreSQL; skipped where this machine has no server."""
    with postgresql() as found:
        if found is None:
            pytest.skip(MISSING)
        yield found


class PostgresHistory(History):
    """The same double on PostgreSQL."""

    def __init__(self, url: URL) -> None:
        """`url`: of a database that is emptied."""
        made = engine(url)
        held = MetaData()
        held.reflect(made)
        held.drop_all(made)
        self.store, self.next = Store(made), 0
        self.stands = dict[int, Position]()
        self.alerts = dict[str, AlertSnapshot]()
        self.store.prepare()


class Side:
    """One of the two: what writes, and a client of each person."""

    def __init__(self, history: History, deps: Dependencies) -> None:
        """`deps`: on the same database."""
        self.history = history
        app, now = create(deps), int(time.time())
        self.clients = {
            who.name: httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://tocsin",
                headers={"Authorization": f"Bearer {deps.tokens.issue(who, now, 600)}"},
            )
            for who in (ADMIN, MEMBER)
        }  # fmt: skip

    async def furnish(self) -> None:
        """Documents, a life of alerts, and what was told of them."""
        admin = self.clients[ADMIN.name]
        rule = await created(admin, "rules", RULE)
        await created(admin, "endpoints", HOOK)
        silence = {
            "covers": "gateway=prod",
            "reason": "known",
            "ends": "2026-01-06T02:00:00Z",
            "owner": "anna",
        }
        await created(admin, "silences", {"name": "quiet", **silence})
        for number in range(12):
            self._life(f"a-{number}", number, rule["id"])
        delivery = DeliverySnapshot(to="endpoint/payments/hook", channel="webhook", purpose="firing")
        for what in ("firing", "delivered"):
            self.history.write(Change(
                id=f"n/{what}", at=NOW - HOUR, team="payments", subject="notification", subject_id="n1", what=what,
                reason_code="first_alert", reason="hook: first alert", group="g1", delivery=delivery,
            ))  # fmt: skip

    def _life(self, name: str, number: int, rule: str) -> None:
        fields: dict[str, Any] = {
            "triggered_at": NOW - number * HOUR, "team": ("payments", "search")[number % 2], "rule_id": rule,
            "severity": ("critical", "warning", "info")[number % 3], "value": float(number), "anomaly": ANOMALY,
            "labels": {"upstream": name, "tool": "Search"}, "rule": "errors",
        }  # fmt: skip
        self.history.alert(name, version=1, **fields)
        if number % 2:
            had = {"acknowledged_at": NOW - number * HOUR + 9_000, "acknowledged_by": "anna"}
            self.history.alert(name, "acknowledged", version=2, status="acknowledged", **fields, **had)
        if number % 4 == 3:
            change = self.history.change(
                name, "resolved", version=3, status="resolved", resolved_at=NOW, **fields
            )
            self.history.write(msgspec.structs.replace(change, at=NOW))


@pytest.fixture
async def sides(
    server: str, tmp_path: Path, history: History, dependencies: Dependencies
) -> AsyncIterator[list[Side]]:
    """SQLite and PostgreSQL, furnished alike; seals are made by chance, so both have the same."""
    url = address(Settings(database=server))
    other = PostgresHistory(url)
    database = Database(reader(url))
    client = CommandClient(
        Respond(other), lambda key: database.read(lambda c: commands.one(c, key)), patience=5.0
    )
    (tmp_path / "other").mkdir()
    theirs = wired(tmp_path / "other", database, Respond(other), Broker())
    theirs.read_marks.close()
    theirs = replace(
        theirs, command_client=client, read_marks=ReadMarks(writer(url)), sealer=dependencies.sealer
    )
    made = [Side(history, dependencies), Side(other, theirs)]
    for side in made:
        await side.furnish()
    yield made
    for side in made:
        for one in side.clients.values():
            await one.aclose()
    theirs.read_marks.close()
    database.close()
    other.store._engine.dispose()


async def test_every_question(sides: list[Side]) -> None:
    """Lists, counts, figures, pages, audit and export: the same words, whichever database holds them."""
    differing: dict[str, Any] = {}
    narrowed = [path for path in ASKED if path.startswith(("/v1/alerts", "/v1/history", "/v1/covered"))]
    for name, paths in ((ADMIN.name, ASKED), (MEMBER.name, narrowed)):
        for path in paths:
            answers = [await side.clients[name].get(path) for side in sides]
            assert answers[0].status_code < 300, (path, answers[0].text)
            if told(answers[0]) != told(answers[1]):
                differing[f"{name} {path}"] = [answer.text for answer in answers]
    assert differing == {}


def told(answer: httpx.Response) -> tuple[int, Any]:
    """What an answer says: of JSON whatever the order of fields; proofs, and hashes over seals, are made by chance."""
    text = re.sub(r"[0-9a-f]{64}", "", answer.text)
    as_json = answer.headers["content-type"].startswith("application/json")
    return answer.status_code, json.loads(text) if as_json else text


async def test_reading_marks_and_pages_of_a_list(sides: list[Side]) -> None:
    """What was read is remembered; a list comes page by page, each alert once."""
    for side in sides:
        admin = side.clients[ADMIN.name]
        (first, *_) = (await admin.get("/v1/notifications")).json()["items"]
        answer = await admin.post("/v1/notifications/read", json={"sequences": [first["sequence"]]})
        assert (answer.status_code, answer.json()["unread"]) == (200, 0)
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await admin.get("/v1/alerts", params={"limit": 2, **cursor})).json()
            seen += [alert["id"] for alert in page["items"]]
            if not page["next_cursor"]:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert (len(seen), len(set(seen))) == (9, 9)
