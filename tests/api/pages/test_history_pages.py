"""The pages of history, archive and overview: the figures of the API, narrowed by the address."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from api.coverage.coverage import Origin
from api.health.lag import Behind
from sinks.history.archive import month_file
from streams.archive import FOLDER
from streams.messages.change import Change, DeliverySnapshot
from tests.api.conftest import NOW, Broker, History
from tests.api.pages.harness import EVIL, put

MINUTE, HOUR = 60_000, 3_600_000


@pytest.fixture
def past(history: History) -> None:
    """Two alerts that are over, of which one was acknowledged after four minutes, and one that fires."""
    over = {"status": "resolved", "resolved_at": NOW - HOUR, "triggered_at": NOW - 2 * HOUR}
    history.alert("a", "fired", triggered_at=NOW - 2 * HOUR, version=1)
    history.alert(
        "a", "acknowledged", status="acknowledged", triggered_at=NOW - 2 * HOUR, acknowledged_by="anna",
        acknowledged_at=NOW - 2 * HOUR + 4 * MINUTE, version=2,
    )  # fmt: skip
    history.alert("a", "resolved", **over, version=3)
    history.alert("b", "resolved", **over, rule="other", rule_id="r2", resolution_notes=EVIL)
    history.alert("c", severity="critical", team="search")


@pytest.mark.usefixtures("past")
async def test_figures(admin: httpx.AsyncClient) -> None:
    """How many, how fast they were acknowledged and resolved, and how many never were; drawn and as a table."""
    page = (await admin.get("/history")).text
    assert '<p class="figure">3</p>' in page
    assert "2 over, 1 of them never acknowledged" in page
    assert '<p class="figure">4 min</p>' in page
    assert '<p class="figure">1 h</p>' in page
    assert [page.count(f'<rect class="{kind}"') for kind in ("answered", "unanswered")] == [1, 1]
    assert "2025-11-24: 3 alerts, 1 acknowledged" in page
    assert "<img src=x" not in page


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"severity": "critical"}, 1), ({"rule": "other"}, 1), ({"team": "payments"}, 2), ({"status": "resolved"}, 2),
        ({"q": "c is wrong"}, 1), ({"to": "2025-11-23"}, 0), ({"from": "2025-11-24", "to": "2025-11-24"}, 3),
    ],
)  # fmt: skip
async def test_narrowed(admin: httpx.AsyncClient, query: dict[str, str], count: int) -> None:
    """The address says which alerts are meant, of the figures, the table and the files alike."""
    page = (await admin.get("/history", params=query)).text
    assert f'<p class="figure">{count}</p>' in page
    assert page.count('href="/#alert=') == count
    link = page.split('href="/v1/history/report?')[1].split('&amp;format=csv"')[0].replace("&amp;", "&")
    report = await admin.get(f"/v1/history/report?{link}&format=csv")
    assert (report.status_code, report.headers["Tocsin-Total"]) == (200, str(count))


async def test_page_by_page(admin: httpx.AsyncClient, history: History) -> None:
    """What does not fit is behind a link that keeps the filters."""
    for number in range(60):
        history.alert(f"x{number:02}", triggered_at=NOW - number * MINUTE)
    first = (await admin.get("/history?severity=warning")).text
    link = first.split('href="/history?')[1].split('"')[0].replace("&amp;", "&")
    assert "severity=warning" in link
    second = (await admin.get(f"/history?{link}")).text
    assert [page.count('href="/#alert=') for page in (first, second)] == [50, 10]


async def test_a_filter_that_cannot_be_read(admin: httpx.AsyncClient) -> None:
    """It is named on a page of its own, with the status of the API."""
    answer = await admin.get("/history?from=yesterday")
    assert (answer.status_code, "`from`" in answer.text, "<nav" in answer.text) == (422, True, True)


async def test_archive(member: httpx.AsyncClient, tmp_path: Path) -> None:
    """The months there are, and what one of them holds of one's own teams."""
    rows = [{"id": team, "team": team, "message": f"{team} {EVIL}"} for team in ("payments", "search")]
    month_file.add(tmp_path / FOLDER / "alerts-2025-01.csv.gz", ["id", "team", "message"], rows)
    assert 'href="/archive/2025-01"' in (await member.get("/archive")).text
    page = (await member.get("/archive/2025-01")).text
    assert ("payments &lt;img" in page, "search &lt;img" in page) == (True, False)
    assert (await member.get("/archive/2025-02")).status_code == 404


@pytest.mark.usefixtures("past")
async def test_overview(admin: httpx.AsyncClient, broker: Broker) -> None:
    """What is open by severity and team, who is heard, how far the stages stand behind."""
    page = (await admin.get("/overview")).text
    assert '<a href="/?severity=critical">1</a>' in page
    assert "<bdi>search</bdi>" in page
    broker.metrics = {"errors": {Origin("prod", "bridge"): NOW - 5_000}}
    broker.places = [Behind("detect", "telemetry", 0, 3, 10, 8), Behind("respond", "inbox", 0, 9, 9)]
    sources = (await admin.get("/overview/sources")).text
    assert ("<bdi>prod</bdi>" in sources, "detect: 7 behind" in sources) == (True, True)
    assert '<span class="tag bad">detect' in sources
    assert '<span class="tag good">respond' in sources


async def test_first_steps(admin: httpx.AsyncClient, broker: Broker, history: History) -> None:
    """From nothing to the first page: what is there is ticked off, the next one is named; all done leaves nothing."""

    async def left() -> int:
        return (await admin.get("/overview/first-steps")).text.count("(still to do)")

    page = (await admin.get("/overview/first-steps")).text
    assert (page.count("(still to do)"), "Next: A gateway is watched" in page, "tocsin connect" in page) == (
        9,
        True,
        True,
    )
    broker.metrics = {"errors": {Origin("prod", "bridge"): NOW}}
    await put(admin, "endpoints", "log", "platform")
    assert await left() == 8  # the log is no place where people hear
    await put(admin, "endpoints", "hook", "platform", channel="webhook", url="https://hooks.example/x")
    delivered(history, "test/c1", "webhook")
    assert await left() == 6
    delivered(history, "n1", "log")
    await put(admin, "people", "anna", "platform")
    await put(admin, "schedules", "nights", "platform", people=["anna"])
    await put(admin, "routes", "all", "platform")
    await put(admin, "rules", "errors", "platform")
    assert await left() == 1
    delivered(history, "n2", "webhook")
    assert (await admin.get("/overview/first-steps")).text.strip() == ""


def delivered(history: History, notification: str, channel: str) -> None:
    """A notification was delivered."""
    snapshot = DeliverySnapshot(to="endpoint/platform/x", channel=channel, purpose="firing")
    history.write(
        Change(
            id=f"{notification}/d", at=NOW, team="platform", subject="notification", subject_id=notification,
            what="delivered", reason="200", delivery=snapshot,
        )
    )  # fmt: skip


async def test_banner(admin: httpx.AsyncClient, broker: Broker) -> None:
    """The system's own sentences; nothing where all is well."""
    assert (await admin.get("/overview/banner")).text.strip() == ""
    broker.why = "the broker does not answer: refused"
    assert "Not ready: the broker does not answer: refused." in (await admin.get("/overview/banner")).text
