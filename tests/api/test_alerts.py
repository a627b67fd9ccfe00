"""The list of alerts, one alert, and what people do about it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import URL, event

from api.queries import alerts
from api.queries.alerts import AFTERWARDS
from api.queries.page import Filters, page
from sinks.history.database import engine
from sinks.history.store import Store
from streams.errors import Refused
from streams.messages.change import Change
from streams.messages.command import Acknowledge, AlertAction, Assign, Comment, Escalate, Snooze, Unsnooze
from tests.api.conftest import NOW
from tests.sinks.history.harness import open_release


@pytest.fixture
def three(history: Any) -> None:
    """A warning, a critical one and a resolved one, the critical one of another team."""
    history.alert("old", triggered_at=1_000)
    history.alert("new", triggered_at=2_000)
    history.alert("bad", severity="critical", triggered_at=1_500, team="search", gateway="eu")
    history.alert("over", "resolved", status="resolved", resolved_at=3_000)


async def ids(client: httpx.AsyncClient, query: str = "") -> list[str]:
    """The ids of a list's page."""
    return [alert["id"] for alert in (await client.get(f"/v1/alerts{query}")).json()["items"]]


async def test_order(three: None, admin: httpx.AsyncClient) -> None:
    """Open alerts are listed by severity, then the newest first."""
    assert await ids(admin) == ["bad", "new", "old"]


async def test_teams(three: None, member: httpx.AsyncClient) -> None:
    """A member sees the alerts of the own teams only."""
    assert await ids(member) == ["new", "old"]
    assert (await member.get("/v1/alerts/bad")).status_code == 404
    assert (await member.get("/v1/alerts?team=search")).status_code == 403


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("?status=resolved", ["over"]),
        ("?severity=critical", ["bad"]),
        ("?gateway=eu", ["bad"]),
        ("?q=NEW", ["new"]),
        ("?q=100%25", []),
        ("?id=ne", ["new"]),
        ("?id=e", []),
        ("?id=%25", []),
        ("?rule=tool-errors&team=payments", ["new", "old"]),
        ("?since=2999-01-01T00:00:00Z", []),
    ],
)
async def test_filters(three: None, admin: httpx.AsyncClient, query: str, wanted: list[str]) -> None:
    """Each filter narrows the list; what is searched for is text, not a pattern."""
    assert await ids(admin, query) == wanted


@pytest.mark.parametrize(
    "query", ["status=fired", "since=yesterday", "since=2026-01-01T00:00:00", "cursor=%25"]
)
async def test_bad_filters(admin: httpx.AsyncClient, query: str) -> None:
    """A filter that cannot be read is refused by name."""
    answer = await admin.get(f"/v1/alerts?{query}")
    assert answer.status_code == (400 if query.startswith("cursor") else 422)
    assert query.partition("=")[0] in answer.json()["detail"]


async def test_paging(history: Any, admin: httpx.AsyncClient) -> None:
    """Pages follow each other without a gap or a repeat, also where times are equal."""
    for n in range(7):
        history.alert(f"a{n}", severity="critical" if n % 3 else "info")
    seen: list[str] = []
    query = "?limit=3"
    while query:
        page = (await admin.get(f"/v1/alerts{query}")).json()
        seen += [alert["id"] for alert in page["items"]]
        query = f"?limit=3&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert (len(seen), len(set(seen)), page["total"]) == (7, 7, 7)
    assert seen[-3:] == ["a0", "a3", "a6"]


async def test_shape(three: None, admin: httpx.AsyncClient) -> None:
    """An alert has the epic's fields, times in RFC 3339, and the reason for its state."""
    alert = (await admin.get("/v1/alerts?q=old")).json()["items"][0]
    assert alert["triggered_at"] == "1970-01-01T00:00:01.000Z"
    assert alert["reason"] == "fired for a reason"
    assert {"rule_id", "acknowledged_by", "resolution_notes", "demonstration"} <= set(alert)


async def test_what_the_newest_snapshot_says(history: Any, admin: httpx.AsyncClient) -> None:
    """Until when somebody has it, and what casts doubt on it; why it fires stays what it was."""
    history.alert("one")
    more = {"acknowledged_until": 1_000, "data_quality": ["unknown because nothing has come from s for 1m"]}
    history.alert("one", "extended", status="acknowledged", version=2, **more)
    alert = (await admin.get("/v1/alerts/one")).json()
    assert alert["acknowledged_until"] == "1970-01-01T00:00:01.000Z"
    assert (alert["data_quality"], alert["reason"]) == (more["data_quality"], "fired for a reason")
    history.alert("one", "resolved", status="resolved", version=3, **more)
    assert (await admin.get("/v1/alerts/one")).json()["acknowledged_until"] is None


async def test_why_it_fires_stands_beside_why_people_hear_of_it_again(
    history: Any, admin: httpx.AsyncClient
) -> None:
    """The end of a suppression, of a snooze or of an acknowledgement is another reason, and has a field of its own."""
    history.alert("one")
    for version, what in enumerate(("suppressed", "released", "commented", "assigned", "unsnoozed"), 2):
        history.alert("one", what, version=version)
    alert = (await admin.get("/v1/alerts/one")).json()
    assert (alert["reason"], alert["told_again"]) == ("fired for a reason", "released for a reason")
    history.alert("one", "worsened", version=7)
    alert = (await admin.get("/v1/alerts?id=one")).json()["items"][0]
    assert (alert["reason"], alert["told_again"]) == ("worsened for a reason", "released for a reason")


def told(name: str, at: int, group: str) -> Change:
    """A notification about a group."""
    return Change(
        id=name, at=at, team="payments", subject="notification", subject_id=group, what="firing", group=group,
        reason_code="joined", reason=f"pager: {name}",
    )  # fmt: skip


async def test_timeline(history: Any, admin: httpx.AsyncClient) -> None:
    """The timeline holds the alert's own changes, and what was told of its groups while it lasted, in order."""
    history.alert("one", triggered_at=NOW - 10, groups=["g1", "g2"])
    history.alert("other", groups=["g1"])
    history.write(
        told("before", NOW - 11, "g1"),
        told("first", NOW + 1, "g1"),
        told("second", NOW + 2, "g2"),
        told("foreign", NOW + 3, "g3"),
        told("late", NOW + 4 + AFTERWARDS, "g2"),
        told("too late", NOW + 5 + AFTERWARDS, "g1"),
    )
    over = {"status": "resolved", "version": 2, "resolved_at": NOW + 4}
    history.alert("one", "resolved", triggered_at=NOW - 10, groups=["g1", "g2"], **over)
    alert = (await admin.get("/v1/alerts/one")).json()
    assert [(entry["what"], entry["reason_code"], entry["reason"]) for entry in alert["timeline"]] == [
        ("fired", "", "fired for a reason"),
        ("resolved", "", "resolved for a reason"),
        ("firing", "joined", "pager: first"),
        ("firing", "joined", "pager: second"),
        ("firing", "joined", "pager: late"),
    ]
    assert (alert["groups"], alert["fingerprint"]) == (["g1", "g2"], "prod|one")


def test_no_table_is_read_through(history: Any, database: Any) -> None:
    """One alert with its timeline, and the list, find their rows by an index, however many there are."""
    history.alert("one", groups=["g1", "g2"])
    asked: list[tuple[str, Any]] = []
    with database._engine.connect() as connection:
        event.listen(database._engine, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
        assert alerts.one(connection, "one", ["payments"], timeline=True)
        page(connection, Filters(None, ("firing", "acknowledged")), None, 50)
        steps = [
            step
            for query, arguments in [*asked]
            for (*_, step) in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", arguments)
        ]
    assert len(asked) >= 5
    assert [step for step in steps if re.match("SCAN (alerts|timeline|documents)", step)] == []


async def test_an_alert_of_release_1(tmp_path: Path, dependencies: Any) -> None:
    """What a database of the first release knows is shown after an update as what comes since."""
    file = engine(URL.create("sqlite", database=str(tmp_path / "earlier.sqlite")))
    open_release(file, 1)
    Store(file).prepare()
    with file.connect() as connection:
        held = alerts.one(connection, "held", ["payments"], timeline=True)
        odd = alerts.one(connection, "odd", ["payments"], timeline=True)
    assert held is not None
    assert odd is not None
    assert [entry["what"] for entry in held["timeline"]] == [
        "fired",
        "firing",
        "acknowledged",
        "accepted",
        "delivered",
    ]
    assert (held["groups"], held["acknowledged_until"]) == (["payments/1234"], "2025-11-24T17:00:00.002Z")
    assert held["data_quality"] == ["nothing has come from bridge for 1m"]
    assert [point[1] for point in odd["anomaly"]["recent_points"]] == [5.0, 9.0]


async def test_acknowledge(three: None, member: httpx.AsyncClient, respond: Any) -> None:
    """An acknowledgement carries who asked, and answers with the alert as it is then."""
    answer = await member.post("/v1/alerts/new/acknowledge")
    assert (answer.status_code, answer.json()["acknowledged_by"]) == (200, "mo@example.com")
    assert respond.sent[0].by.teams == ("payments",)
    assert respond.sent[0].action == Acknowledge(alert="prod|new", alert_id="new")


@pytest.mark.parametrize(
    ("verb", "body", "action"),
    [
        ("snooze", {"until": "2100-01-01T00:00:00Z", "notes": "later"},
         Snooze(alert="prod|new", alert_id="new", until=4_102_444_800_000, notes="later")),
        ("unsnooze", None, Unsnooze(alert="prod|new", alert_id="new")),
        ("comment", {"notes": "seen before"}, Comment(alert="prod|new", alert_id="new", notes="seen before")),
        ("escalate", None, Escalate(alert="prod|new", alert_id="new")),
        ("assign", {"to": "ben"}, Assign(alert="prod|new", alert_id="new", to="ben")),
    ],
)  # fmt: skip
async def test_what_else_people_do_with_an_alert(
    three: None, member: httpx.AsyncClient, respond: Any, verb: str, body: Any, action: AlertAction
) -> None:
    """It goes to respond as it was said."""
    answer = await member.post(f"/v1/alerts/new/{verb}", json=body)
    assert (answer.status_code, respond.sent[0].action) == (200, action), answer.text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "say `for`, for instance 2h, or `until`"),
        ({"for": "2h", "until": "2100-01-01T00:00:00Z"}, "say `for`, for instance 2h, or `until`"),
        ({"for": "soon"}, "`for`: 'soon' is not a length of time"),
        ({"until": "soon"}, "until"),
    ],
)
async def test_a_snooze_has_one_end(
    three: None, member: httpx.AsyncClient, respond: Any, body: Any, words: str
) -> None:
    """Not none, not two, and one that can be read."""
    answer = await member.post("/v1/alerts/new/snooze", json=body)
    assert (answer.status_code, respond.sent) == (422, [])
    assert words in answer.json()["detail"]


async def test_a_snooze_lasts_from_now(three: None, member: httpx.AsyncClient, respond: Any) -> None:
    """`for` is a length."""
    await member.post("/v1/alerts/new/snooze", json={"for": "2h"})
    sent = respond.sent[0]
    assert sent.action.until == sent.at + 7_200_000


async def test_resolve(three: None, member: httpx.AsyncClient) -> None:
    """A resolution keeps its notes."""
    alert = (await member.post("/v1/alerts/new/resolve", json={"notes": "disk"})).json()
    assert (alert["status"], alert["resolution_notes"]) == ("resolved", "disk")


async def test_foreign(three: None, member: httpx.AsyncClient, respond: Any) -> None:
    """Nobody acts on another team's alert, and no command is sent."""
    assert (await member.post("/v1/alerts/bad/acknowledge")).status_code == 404
    assert respond.sent == []


async def test_idempotency(
    three: None, admin: httpx.AsyncClient, member: httpx.AsyncClient, respond: Any
) -> None:
    """A repeat with the same key is one command; another person's use of the key is a conflict."""
    key = {"Idempotency-Key": "0123456789"}
    for _ in range(2):
        assert (await member.post("/v1/alerts/new/acknowledge", headers=key)).status_code == 200
    assert [command.id for command in respond.sent] == ["0123456789"]
    assert (await admin.post("/v1/alerts/new/acknowledge", headers=key)).status_code == 409


async def test_pending(three: None, member: httpx.AsyncClient, respond: Any) -> None:
    """Where no decision shows in time, the answer is 202 with the address at which it will stand."""
    respond.silent = True
    answer = await member.post("/v1/alerts/new/acknowledge", headers={"Idempotency-Key": "late-one"})
    assert (answer.status_code, answer.headers["location"]) == (202, "/v1/commands/late-one")
    assert (await member.get("/v1/commands/late-one")).status_code == 404
    respond.silent = False
    await respond.send(respond.sent[0])
    assert (await member.get("/v1/commands/late-one")).json()["status"] == "accepted"


@pytest.mark.parametrize(("code", "status"), [("already_resolved", 409), ("invalid", 422), ("failed", 500)])
async def test_refused(three: None, member: httpx.AsyncClient, respond: Any, code: str, status: int) -> None:
    """A refusal is answered with its reason and the status of its code, whatever its words; both can be read later."""
    respond.refusal = Refused("conflict: does not exist", code)  # type: ignore[arg-type]  # "failed" is respond's own
    answer = await member.post("/v1/alerts/new/acknowledge", headers={"Idempotency-Key": "refused-one"})
    assert (answer.status_code, answer.json()) == (
        status,
        {"detail": "conflict: does not exist", "code": code},
    )
    decision = (await member.get("/v1/commands/refused-one")).json()
    assert (decision["status"], decision["reason_code"]) == ("refused", code)


async def test_suppressed(member: httpx.AsyncClient, history: Any) -> None:
    """Why nobody is told of it, since when and until when, and who sees to it; null where people are told."""
    until, since = history.alert("told").triggered_at + 60_000, 1_764_000_000_000
    snooze = {"kind": "snooze", "by": "anna", "until": until, "reason": "anna wants to hear of it later"}
    history.alert("quiet", "suppressed", suppression=snooze, suppressed_since=since, assigned_to="ben")
    shown = (await member.get("/v1/alerts/quiet")).json()
    assert shown["suppression"] == snooze | {"until": "2025-11-24T16:01:00.000Z"}
    assert (shown["suppressed_since"], shown["assigned_to"]) == ("2025-11-24T16:00:00.000Z", "ben")
    told = (await member.get("/v1/alerts/told")).json()
    assert (told["suppression"], told["suppressed_since"], told["assigned_to"]) == (None, None, None)
