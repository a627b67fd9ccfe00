"""Reports that come by themselves: what they hold, and the link that a message carries."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from streams.documents.report import ScheduledReport
from streams.errors import Refused
from streams.links.report_link import LASTS, PATH, ReportClaim, read_report, report_link
from streams.links.signed_links import Links
from streams.messages.notification import ReportSpan
from tests.api.conftest import NOW, History
from tests.api.harness import created

DAY = 86_400_000
LINKS = Links("https://tocsin.example.com", ["geheim"])
WEEK: dict[str, Any] = {
    "name": "week", "team": "payments", "to": "endpoint/log", "format": "csv", "last": "7d",
    "starts": "2025-11-24 08:00", "repeats": "weekly", "time_zone": "Europe/Berlin",
}  # fmt: skip


@pytest.fixture
def dependencies(dependencies: Any) -> Any:
    """People reach the API at an address of its own."""
    object.__setattr__(dependencies, "links", LINKS)
    return dependencies


@pytest.fixture
def past(history: History) -> None:
    """Alerts of two teams in the week, one of before, and a mild one."""
    history.alert("a", team="payments", message="ours", severity="critical", triggered_at=NOW - DAY)
    history.alert("b", team="search", message="theirs", severity="critical", triggered_at=NOW - DAY)
    history.alert("c", team="payments", message="long ago", severity="critical", triggered_at=NOW - 9 * DAY)
    history.alert("d", team="payments", message="mild", severity="info", triggered_at=NOW - DAY)


def link_to(document: dict[str, Any], expires: int = NOW + LASTS) -> str:
    """The path of the link that a message about a report has."""
    span = ReportSpan(document_id=document["id"], begin=NOW - 7 * DAY, end=NOW)
    return report_link(LINKS, ReportClaim(span, expires)).removeprefix("https://tocsin.example.com")


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize(
    ("fields", "held"),
    [
        ({}, {"ours", "mild"}),
        ({"severity": "critical"}, {"ours"}),
        ({"q": "mil"}, {"mild"}),
        ({"team": "platform"}, {"ours", "mild", "theirs"}),
        ({"last": "10d"}, {"ours", "mild", "long ago"}),
    ],
)
async def test_what_it_holds(admin: httpx.AsyncClient, fields: dict[str, str], held: set[str]) -> None:
    """The alerts of its team, all of the platform's, as its filters say; now, by its own address."""
    made = await created(admin, "reports", WEEK | fields)
    answer = await admin.get(f"/v1/reports/{made['id']}/file")
    assert answer.headers["content-type"].startswith("text/csv")
    assert {word for word in ("ours", "theirs", "mild", "long ago") if word in answer.text} == held


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize("format_", ["csv", "json", "pdf"])
async def test_the_link_needs_no_token(client: Any, admin: httpx.AsyncClient, format_: str) -> None:
    """Whoever has it has the file, of the time that the message named; of no other team."""
    made = await created(admin, "reports", WEEK | {"format": format_})
    answer = await client(None).get(link_to(made))
    assert (answer.status_code, f".{format_}" in answer.headers["content-disposition"]) == (200, True)
    assert ("theirs" in answer.text, "long ago" in answer.text) == (False, False)
    assert format_ == "pdf" or "ours" in answer.text


async def test_a_link_ends(client: Any, admin: httpx.AsyncClient) -> None:
    """After two weeks, with its report, and where somebody made it up."""
    made = await created(admin, "reports", WEEK)
    stranger, good = client(None), link_to(made)
    for wrong in (link_to(made, NOW), f"{PATH}x", good[:-2] + "AA", good.replace("/r/", "/a/")):
        assert (await stranger.get(wrong)).status_code == 404, wrong
    assert (await admin.delete(f"/v1/reports/{made['id']}")).status_code == 204
    assert (await stranger.get(good)).status_code == 404


def test_a_claim_is_read_as_it_was_made() -> None:
    """Document, time and end."""
    claim = ReportClaim(ReportSpan(document_id="d", begin=1, end=2), 3)
    assert read_report(LINKS, report_link(LINKS, claim).rpartition("/")[2], 0) == claim
    assert report_link(Links("", ["geheim"]), claim) == ""


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"repeats": None}, "repeats"),
        ({"rrule": "FREQ=DAILY"}, "repeats"),
        ({"repeats": None, "rrule": "FREQ=MINUTELY"}, "once an hour"),
        ({"repeats": None, "rrule": "FREQ=DAILY;BYHOUR=8,9;BYMINUTE=0,30"}, "once an hour"),
        ({"to": []}, "to"),
        ({"last": "401d"}, "last"),
        ({"time_zone": "Berlin"}, "time_zone"),
        ({"starts": "tomorrow"}, "starts"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], field: str) -> None:
    """With the field, and what to write."""
    with pytest.raises(Refused, match=field):
        ScheduledReport.read(WEEK | fields)


def test_it_keeps_to_the_clocks_of_its_zone() -> None:
    """Eight in the morning stays eight when the clocks change, and a rule that ends, ends."""
    document = ScheduledReport.read(WEEK | {"starts": "2026-03-22 08:00"})
    first = document.next_after(0)
    assert first is not None
    second = document.next_after(first)
    assert second is not None
    assert second - first == 7 * DAY - 3_600_000  # a day of that week has 23 hours
    short = ScheduledReport.read(WEEK | {"repeats": None, "rrule": "FREQ=WEEKLY;UNTIL=20251201T080000Z"})
    times = [
        at := short.next_after(NOW - DAY),
        short.next_after(at or 0),
        short.next_after((at or 0) + 8 * DAY),
    ]
    assert (times[0] is not None, times[1] is not None, times[2]) == (True, True, None)
    counted = ScheduledReport.read(WEEK | {"repeats": None, "rrule": "FREQ=WEEKLY;COUNT=1"})
    assert counted.next_after(counted.next_after(0) or 0) is None
