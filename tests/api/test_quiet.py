"""Silences and windows through the API and the command line: what they cover, from an alert, and ended early."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from api.cli.talk import Talk
from api.instant import spell
from streams.documents import registry
from streams.documents.suppression.silence import Silence
from tests.api.conftest import NOW, History, Respond
from tests.api.harness import created

HOUR = 3_600_000
SILENCE = {"name": "s", "covers": "rule=a", "ends": "2025-11-25T00:00:00Z", "owner": "anna", "reason": "x"}
WINDOW = {
    "name": "w", "covers": "rule=a", "starts": "2025-11-24 15:30", "lasts": "2h", "repeats": "daily",
    "time_zone": "UTC", "reason": "x",
}  # fmt: skip


def alerts(history: History) -> None:
    """Of rule a one that fires and one that is over; of others one that fires, for the team search."""
    history.alert("a-1", rule="a", labels={"upstream": "x"}, rule_type="threshold")
    history.alert("a-2", rule="a", severity="info")
    history.alert("a-2", "resolved", rule="a", severity="info", status="resolved", resolved_at=NOW, version=2)
    history.alert("b-1", rule="b", team="search", rule_type="anomaly")


async def previewed(
    client: httpx.AsyncClient, covers: str, team: str = "platform"
) -> tuple[list[str], list[str], str]:
    """The alerts that matchers cover now and within a day, and what is said of it."""
    answer = await client.get("/v1/covered", params={"covers": covers, "team": team})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    now, day = ([each["id"] for each in of["items"]] for of in (found, found["last_24h"]))
    assert (len(now), len(day)) == (found["total"], found["last_24h"]["count"])
    return now, day, "; ".join([found["says"], *found["warnings"]])


@pytest.mark.parametrize(
    ("covers", "team", "now", "day"),
    [
        ("rule=a", "platform", ["a-1"], ["a-1", "a-2"]),
        ("rule=a", "search", [], []),
        ("type=anomaly", "platform", ["b-1"], ["b-1"]),
        ('upstream="x", type!=anomaly', "payments", ["a-1"], ["a-1"]),
    ],
)
async def test_a_preview_covers_what_is_enforced(
    admin: httpx.AsyncClient, history: History, covers: str, team: str, now: list[str], day: list[str]
) -> None:
    """Labels, and what may be asked for beside them; a team's silence reaches its own alerts only."""
    alerts(history)
    assert (await previewed(admin, covers, team))[:2] == (now, day)
    silence = registry.read("silence", SILENCE | {"covers": covers, "team": team})
    assert isinstance(silence, Silence)
    for alert in history.alerts.values():
        enforced = silence.matches(alert.matchable()) and silence.team in (alert.team, "platform")
        assert enforced == (alert.id in day)


async def test_a_preview_shows_what_one_may_see(member: httpx.AsyncClient, history: History) -> None:
    """A member of payments sees nothing of search, whosever the silence would be."""
    alerts(history)
    now, day, says = await previewed(member, 'rule=~"a|b"', "payments")
    assert (now, day) == (["a-1"], ["a-1", "a-2"])
    assert says == "covers 1 of 1 open alerts now, 2 of 2 in the last 24 h"
    assert (await previewed(member, 'rule=~"a|b"', "platform"))[:2] == (["a-1"], ["a-1", "a-2"])
    assert (await previewed(member, "rule=b", "search"))[:2] == ([], [])


async def test_what_is_broad_or_covers_nothing_is_a_warning(
    admin: httpx.AsyncClient, history: History
) -> None:
    """In a preview, and in a plan; a plan also says how many it covers."""
    for n in range(6):
        history.alert(f"a-{n}", rule="a")
    assert "it is broad: it covers 6 of the 6 alerts" in (await previewed(admin, "rule=a"))[2]
    assert "it covers every alert that there can be" in (await previewed(admin, 'rule=~".+"'))[2]
    assert "it covers no alert of the last 24 h" in (await previewed(admin, "rule=c"))[2]
    documents = [{"type": "silence", **SILENCE}, {"type": "maintenance", **WINDOW, "covers": "rule=c"}]
    plan = (await admin.post("/v1/plan", json={"documents": documents})).json()
    warned = {each["name"]: each["says"] for each in plan["warnings"] if each["path"] == "covers"}
    assert set(warned) == {"s", "w"}
    says = {each["name"]: each["says"] for each in plan["previews"]}
    assert says["s"] == "covers 6 of 6 open alerts now, 6 of 6 in the last 24 h"


async def test_a_silence_is_made_from_an_alert(
    member: httpx.AsyncClient, history: History, respond: Respond
) -> None:
    """It covers that alert and milder ones like it, and not a worse one, nor another upstream's."""
    history.alert("a-1", rule="a", labels={"upstream": "x"}, rule_type="threshold")
    answer = await member.post("/v1/alerts/a-1/silence", json={"for": "2h", "reason": "known"})
    assert answer.status_code == 201, answer.text
    body = respond.sent[-1].action.body  # type: ignore[union-attr]
    silence = registry.read("silence", body)
    assert isinstance(silence, Silence)
    assert (silence.team, silence.owner, silence.ends_at) == ("payments", "mo@example.com", NOW + 2 * HOUR)
    labels = history.alerts["a-1"].matchable()
    told = [
        labels,
        labels | {"severity": "critical"},
        labels | {"severity": "info"},
        labels | {"upstream": "y"},
    ]
    assert [silence.matches(each) for each in told] == [True, False, True, False]
    again = await member.get(answer.headers["location"])
    assert again.json()["covers"] == silence.covers


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"reason": "x"}, "say `for`"),
        ({"for": "2h", "until": "2026-12-07T09:00:00Z", "reason": "x"}, "say `for`"),
        ({"for": "2h"}, "reason"),
        ({"for": "soon", "reason": "x"}, "`for`: 'soon' is not a length of time"),
        ({"until": "2025-11-01T00:00:00Z", "reason": "x"}, "`ends` must lie after `starts`"),
    ],
)
async def test_a_silence_from_an_alert_needs_an_end_and_a_reason(
    member: httpx.AsyncClient, history: History, body: dict[str, Any], says: str
) -> None:
    """It says which field is missing."""
    history.alert("a-1")
    answer = await member.post("/v1/alerts/a-1/silence", json=body)
    assert (answer.status_code, says in answer.json()["detail"]) == (422, True), answer.text


async def test_a_window_ends_early_and_shows_its_next_times(admin: httpx.AsyncClient) -> None:
    """The time that is under way is cut, later ones are as they were; what is not open cannot be ended."""
    window = await created(admin, "maintenance", WINDOW)
    ahead = (await admin.get(f"/v1/maintenance/{window['id']}/occurrences?count=2")).json()
    assert ahead["active"] == ahead["occurrences"][0]
    assert [each["ends"] for each in ahead["occurrences"]] == [
        "2025-11-24T17:30:00.000Z", "2025-11-25T17:30:00.000Z",
    ]  # fmt: skip
    ended = await admin.post(f"/v1/maintenance/{window['id']}/end")
    assert (ended.status_code, ended.json()["ended"]) == (200, spell(NOW))
    after = (await admin.get(f"/v1/maintenance/{window['id']}/occurrences?count=1")).json()
    assert (after["active"], after["occurrences"][0]["starts"]) == (None, "2025-11-25T15:30:00.000Z")
    again = await admin.post(f"/v1/maintenance/{window['id']}/end")
    assert (again.status_code, "is not open now" in again.json()["detail"]) == (422, True)


async def test_the_end_of_a_window_that_is_asked_for_twice(admin: httpx.AsyncClient) -> None:
    """Under one key it is the same answer, and one command."""
    window = await created(admin, "maintenance", WINDOW)
    key = {"Idempotency-Key": "12345678"}
    ended = [await admin.post(f"/v1/maintenance/{window['id']}/end", headers=key) for _ in range(2)]
    assert ended[0].json() == ended[1].json()
    assert ended[1].json()["id"] == window["id"]


async def test_a_window_is_previewed_before_it_is_put(admin: httpx.AsyncClient, history: History) -> None:
    """When it opens, and which alerts it covers."""
    alerts(history)
    answer = await admin.post("/v1/maintenance/preview?count=1&from=2026-01-01T00:00:00Z", json=WINDOW)
    found = answer.json()
    assert [each["starts"] for each in found["occurrences"]] == ["2026-01-01T15:30:00.000Z"]
    assert found["alerts"]["says"] == "covers 1 of 2 open alerts now, 2 of 3 in the last 24 h"


def test_what_is_decided_late_is_said_too(tocsin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verb gets the decision then, and no document."""
    decision = {"id": "c", "status": "accepted", "reason": "", "reason_code": ""}
    monkeypatch.setattr(Talk, "settle", lambda *_, **__: decision)
    monkeypatch.setattr(Talk, "ask", lambda *_, **__: {"items": [{"id": "w"}]})
    answer = tocsin("alerts", "silence", "a" * 36, "--for", "1h", "--reason", "x")
    assert answer == (0, "accepted: nobody hears of what has its labels\n")
    assert tocsin("maintenance", "end", "w") == (0, "maintenance w of platform has ended\n")


def test_the_command_line(tocsin: Any, history: History, tmp_path: Path) -> None:
    """`silences preview`, `alerts silence` and `maintenance end` say what they have done."""
    alerts(history)
    (tmp_path / "q.yaml").write_text(
        "silences:\n  - {name: s, covers: rule=a, ends: 2025-11-25T00:00:00Z, owner: anna, reason: x}\n"
        "maintenance:\n  - {name: w, covers: rule=a, starts: 2025-11-24 15:30, lasts: 2h, time_zone: UTC, reason: x}\n"
    )
    code, said = tocsin("silences", "preview", str(tmp_path / "q.yaml"))
    assert (code, "silence s of platform covers 1 of 2 open alerts now" in said) == (0, True), said
    code, said = tocsin("apply", "--yes", str(tmp_path / "q.yaml"))
    assert (code, "maintenance w of platform covers 1 of 2 open alerts now" in said) == (0, True), said
    code, said = tocsin("maintenance", "end", "w")
    assert (code, "maintenance w of platform has ended at 2025-11-24T16:00:00.000Z" in said) == (0, True), (
        said
    )
    code, said = tocsin("maintenance", "end", "x")
    assert (code, "there is no maintenance x of platform" in said) == (1, True), said
    history.alert("loud-one", rule="c")
    code, said = tocsin("alerts", "silence", "loud", "--for", "1h", "--reason", "x")
    assert (code, 'of payments: gateway="prod", rule="c"' in said) == (0, True), said
