"""The pages of on-call, people, policies, routes and endpoints: what the machines would do, shown before they do it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from streams.messages.command import ApplyPolicy
from tests.api.conftest import Respond
from tests.api.pages.harness import put, said, sent

BERLIN = {"tocsin_zone": "Europe/Berlin"}


@pytest.fixture
async def people(admin: httpx.AsyncClient) -> None:
    """Two people with a way each, and the endpoint that it is."""
    await put(admin, "endpoints", "log", "platform")
    for name in ("anna", "ben"):
        await put(admin, "people", name, "platform", full_name=name.title())


@pytest.mark.usefixtures("people")
async def test_who_is_on_call(admin: httpx.AsyncClient) -> None:
    """By name, until when, who is next, and two weeks as a strip with everybody's colour, in the reader's zone."""
    rota = {"people": ["anna", "ben"], "rotate": "daily", "starts": "2025-11-03", "hand_off": "09:00"}
    await put(admin, "schedules", "nights", "platform", **rota)
    admin.cookies.update(BERLIN)
    page = (await admin.get("/oncall")).text
    assert "<strong><bdi>Ben</bdi></strong> is on call until <time" in page
    assert "Tue 25 Nov 09:00</time>; then <bdi>Anna</bdi>" in page
    assert [page.count(f'<rect class="{kind}"') for kind in ("p0", "p1", "gap")] == [8, 7, 0]
    assert "<span>Mon 24</span>" in page


@pytest.mark.usefixtures("people")
async def test_gaps_are_told(admin: httpx.AsyncClient) -> None:
    """When nobody is on call, a page says so, from when to when."""
    hours = {"people": ["anna"], "only": ["mon-fri 09:00-17:00"], "starts": "2025-11-03", "time_zone": "UTC"}
    await put(admin, "schedules", "office", "platform", **hours)
    page = (await admin.get("/oncall")).text
    assert "17:00:00</time> to <time" in page
    assert "Nobody is on call" in page
    assert '<rect class="gap"' in page


@pytest.mark.usefixtures("people")
async def test_people_and_what_is_wrong_with_them(admin: httpx.AsyncClient) -> None:
    """Each with ways, teams and duty; a way that is not confirmed is told, and so is a person without any."""
    await put(admin, "teams", "payments", "platform", members=["anna"])
    await put(admin, "schedules", "nights", "platform", people=["ben"])
    contact = [{"endpoint": "log", "confirmed": False}]
    await put(admin, "people", "cleo", "platform", email="cleo@example.com", contact=contact)
    page = (await admin.get("/people")).text
    rows = {name: page.split(f"<bdi>{name}</bdi>")[-1].split("</tr>")[0] for name in ("anna", "ben", "cleo")}
    assert ("payments" in rows["anna"], "nights" in rows["ben"], "not confirmed" in rows["cleo"]) == (
        True,
        True,
        True,
    )
    assert "no confirmed way counts for critical" in rows["cleo"]
    assert "cleo@example.com" not in page


@pytest.mark.usefixtures("people")
async def test_a_policy_as_a_time_line(admin: httpx.AsyncClient, respond: Respond) -> None:
    """Each step with its time from the beginning, and whom it reaches now; what reaches nobody is told."""
    steps = [
        {"notify": "user/anna"},
        {"after": "10m", "notify": "user/ben"},
        {"after": "20m", "notify": "team/ops"},
    ]
    await put(admin, "people", "eve", "platform", contact=[{"endpoint": "log", "confirmed": False}])
    await put(admin, "teams", "ops", "platform", members=["eve"])
    made = await put(admin, "policies", "main", "platform", steps=steps, last_resort="endpoint/log")
    page = (await admin.get("/policies")).text
    assert [words in page for words in ("at once", "after 10 min", "after 30 min")] == [True] * 3
    assert "Anna → endpoint log" in page
    assert "Reaches nobody now: <bdi>none of the 1 members of team ops can be reached" in page
    await sent(admin, f"/policies/{made['id']}/apply-now")
    assert respond.sent[-1].action == ApplyPolicy(policy="main")


async def test_routes_as_a_tree(admin: httpx.AsyncClient) -> None:
    """In the order in which they are tried, those within another below it."""
    await put(admin, "endpoints", "log", "payments")
    await put(admin, "routes", "last", "payments", when="", order=200)
    await put(admin, "routes", "first", "payments", order=1)
    await put(admin, "routes", "inner", "payments", within="first", to=None, when="gateway=prod")
    page = (await admin.get("/routing")).text
    places = [page.index(f"<bdi>{name}</bdi>") for name in ("first", "inner", "last")]
    assert places == sorted(places)
    assert page[places[0] : places[1]].count("<ul>") == 1


async def test_a_route_is_tried(admin: httpx.AsyncClient, respond: Respond) -> None:
    """Labels in; groups, steps and times out; nothing is sent."""
    await put(admin, "endpoints", "log", "payments")
    steps = [{"notify": "endpoint/log"}, {"after": "10m", "notify": "endpoint/log"}]
    await put(admin, "policies", "main", "payments", steps=steps, repeat=1)
    await put(admin, "routes", "critical", "payments", to="policy/main")
    count = len(respond.sent)
    answer = await sent(admin, "/routing/test", labels="severity=critical, team=payments", **{"for": "30m"})
    assert ("joins 1 group," in answer.text, "after 10 min" in answer.text) == (True, True), answer.text
    assert "endpoint/payments/log" in answer.text
    assert len(respond.sent) == count


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"labels": "critical"}, "matcher near"),
        ({"labels": "severity=bad"}, "`severity` is one of"),
        ({"labels": "a!=b"}, "says no value"),
        ({"labels": "severity=info", "for": "25h"}, "at most 24h"),
    ],
)
async def test_labels_that_cannot_be_tried(
    admin: httpx.AsyncClient, fields: dict[str, str], words: str
) -> None:
    """The sentence says what to write instead."""
    answer = await sent(admin, "/routing/test", **fields)
    assert (answer.status_code, words in answer.text) == (422, True), answer.text


@pytest.mark.parametrize(("what", "kind"), [("delivered", "note"), ("failed", "problem")])
async def test_an_endpoint_is_tested(
    admin: httpx.AsyncClient, respond: Respond, what: str, kind: str
) -> None:
    """The receiver's own words come back, and whether it was delivered."""
    made = await put(admin, "endpoints", "log", "payments")
    respond.deliveries = [("attempt", "sent", "attempt 1"), ("notification", what, "the receiver said: 418")]
    answer = await sent(admin, f"/endpoints/{made['id']}/test")
    assert f'<div class="{kind}"><strong>{what}</strong>: <bdi>the receiver said: 418</bdi>' in answer.text


async def test_secrets_of_endpoints(admin: httpx.AsyncClient) -> None:
    """A page shows the host of an address, and no secret."""
    more: dict[str, Any] = {"channel": "webhook", "url": "https://hooks.example/geheim"}
    await put(admin, "endpoints", "hook", "payments", **more)
    page = (await admin.get("/endpoints")).text
    assert ("geheim" in page, "https://hooks.example/••••••" in page) == (False, True)


async def test_nothing_yet(admin: httpx.AsyncClient) -> None:
    """An empty page says what to do."""
    for path, words in (
        ("/oncall", "There is no schedule"), ("/people", "Nobody is known"), ("/policies", "There is no policy"),
        ("/routing", "There is no route"), ("/endpoints", "There is no endpoint"), ("/silences", "No silence holds"),
        ("/maintenance", "None is planned"), ("/rules", "No rule fits"), ("/overview/first-steps", "First steps"),
        ("/history", "No alert fired"), ("/archive", "No month is archived"),
        ("/dead-letters", "There is no dead letter"),
    ):  # fmt: skip
        assert words in (await admin.get(path)).text


@pytest.mark.usefixtures("people")
async def test_stands_in(admin: httpx.AsyncClient) -> None:
    """Somebody stands in for a while, by the reader's clocks, and the page shows it."""
    made = await put(admin, "schedules", "nights", "platform", people=["ben"], time_zone="America/New_York")
    admin.cookies.update(BERLIN)
    answer = await sent(
        admin,
        f"/oncall/{made['id']}/override",
        person="anna",
        starts="2025-11-24T16:30",
        until="2025-11-25T08:00",
    )
    assert said(answer) == "anna stands in."
    page = (await admin.get("/oncall")).text
    assert "<strong><bdi>Anna</bdi></strong> is on call" in page
    assert "Tue 25 Nov 08:00</time>; then <bdi>Ben</bdi>" in page
    stand_in = (await admin.get("/v1/overrides")).json()["items"][0]
    await sent(admin, f"/documents/overrides/{stand_in['id']}/delete", revision="1")
    assert "<strong><bdi>Ben</bdi></strong> is on call" in (await admin.get("/oncall")).text


@pytest.mark.usefixtures("people")
async def test_a_way_is_confirmed(
    admin: httpx.AsyncClient, member: httpx.AsyncClient, respond: Respond
) -> None:
    """Whoever administers the team has a code sent and enters it; nobody else is offered that."""
    await put(admin, "endpoints", "log", "payments")
    contact = [{"endpoint": "log", "confirmed": False}]
    made = await put(admin, "people", "cleo", "payments", contact=contact)
    assert "Send a code" in (await admin.get("/people")).text
    assert "Send a code" not in (await member.get("/people")).text
    await sent(admin, f"/people/{made['id']}/send-code", method="endpoint/log")
    await sent(admin, f"/people/{made['id']}/confirm", method="endpoint/log", code="123 456")
    assert [command.action.do for command in respond.sent[-2:]] == ["send_code", "confirm_contact"]
    wrong = await sent(admin, f"/people/{made['id']}/confirm", method="sms", code="1")
    assert (wrong.status_code, "has no &#39;sms&#39;; there are: endpoint/log" in wrong.text) == (422, True)


@pytest.mark.usefixtures("people")
async def test_a_calendar_is_shown_once(admin: httpx.AsyncClient) -> None:
    """Its address is told when it is made and never again; the page revokes it."""
    made = await put(admin, "schedules", "nights", "platform", people=["ben"])
    told = (await sent(admin, f"/oncall/{made['id']}/feed")).text
    path = "/calendar/" + told.split("/calendar/")[1].split("<")[0]
    assert "BEGIN:VCALENDAR" in (await admin.get(path)).text
    page = (await admin.get("/oncall")).text
    assert (path in page, page.count("Revoke<")) == (False, 1)
