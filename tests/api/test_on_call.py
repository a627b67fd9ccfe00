"""Who is on call, through the API, the command line and calendar programs."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from api.dependencies import Dependencies
from streams.messages.command import Principal
from tests.api.conftest import Client, History, Respond
from tests.api.harness import created

PHONE = {"name": "phone", "channel": "log"}
SCHEDULE = {
    "name": "duty", "team": "payments", "time_zone": "Europe/Berlin", "rotate": "daily", "hand_off": "09:00",
    "starts": "2025-11-20", "people": ["anna", "ben"], "only": "mon-fri",
}  # fmt: skip
OVERRIDE = {
    "name": "o", "team": "payments", "schedule": "duty", "person": "ben", "starts": "2025-11-24T15:00:00Z",
    "ends": "2025-11-24T18:00:00Z",
}  # fmt: skip
RESPONDER = Principal(name="rea", teams=("payments",), roles={"payments": "responder"})  # type: ignore[dict-item]


async def furnished(admin: httpx.AsyncClient) -> dict[str, Any]:
    """Anna and Ben on duty in payments; NOW is Monday 16:00 UTC, anna's day."""
    await created(admin, "endpoints", PHONE)
    for name, called in (("anna", "Anna"), ("ben", "Ben, the one")):
        person = {"name": name, "team": "payments", "full_name": called, "contact": [{"endpoint": "phone"}]}
        await created(admin, "people", person)
    return await created(admin, "schedules", SCHEDULE)


async def test_who_is_on_call_now_and_next(admin: httpx.AsyncClient, client: Client) -> None:
    """By the schedules that one may see, with what stands beside them."""
    schedule = await furnished(admin)
    (standing,) = (await client(RESPONDER).get("/v1/oncall")).json()["items"]
    assert (standing["person"], standing["layer"], standing["until"]) == (
        "anna",
        "main",
        "2025-11-25T08:00:00.000Z",
    )
    assert standing["next"] == {
        "from": "2025-11-25T08:00:00.000Z", "to": "2025-11-26T08:00:00.000Z", "person": "ben", "layer": "main",
    }  # fmt: skip
    await created(client(RESPONDER), "overrides", OVERRIDE)
    (standing,) = (await admin.get("/v1/oncall")).json()["items"]
    assert (standing["person"], standing["override"], standing["until"]) == (
        "ben",
        "o",
        "2025-11-24T18:00:00.000Z",
    )
    (standing,) = (await admin.get("/v1/oncall?at=2025-11-30T12:00:00Z")).json()["items"]
    assert (standing["person"], standing["next"]["person"]) == (None, "anna")
    assert (await client(Principal(name="eve", teams=("search",))).get("/v1/oncall")).json()["items"] == []
    path = f"/v1/schedules/{schedule['id']}/segments?from=2025-11-24T12:00:00Z&to=2025-11-25T00:00:00Z"
    listed = (await admin.get(path)).json()
    assert [each["person"] for each in listed["segments"]] == ["anna", "ben", "anna"]
    assert listed["gaps"] == []


async def test_a_schedule_that_cannot_be_read_is_named(admin: httpx.AsyncClient, history: History) -> None:
    """Its shifts are refused with what is wrong in it."""
    id_ = history.document("schedule", "s", SCHEDULE | {"time_zone": "Mars/Base"})
    answer = await admin.get(f"/v1/schedules/{id_}/segments")
    assert (answer.status_code, "`time_zone`" in answer.text) == (422, True), answer.text


async def test_a_responder_puts_an_override_and_no_schedule(admin: httpx.AsyncClient, client: Client) -> None:
    """It must name a schedule of the own team, and people who exist."""
    schedule = await furnished(admin)
    responder = client(RESPONDER)
    answer = await responder.put(f"/v1/schedules/{schedule['id']}", json=SCHEDULE | {"revision": 1})
    assert answer.status_code == 403
    for fields, says in (
        ({"schedule": "dutty"}, "there is no schedule `dutty` of payments; did you mean `duty`?"),
        ({"person": "bem"}, "there is no person `bem`"),
        ({"team": "platform"}, "not in team 'platform'"),
    ):
        answer = await responder.post("/v1/overrides", json=OVERRIDE | fields)
        assert (answer.status_code in (403, 422), says in answer.json()["detail"]) == (True, True), (
            answer.text
        )
    past = {"type": "override", **OVERRIDE, "ends": "2025-11-24T15:30:00Z"}
    plan = (await admin.post("/v1/plan", json={"documents": [past]})).json()
    assert "`ends`: 2025-11-24T15:30:00Z is over" in plan["complaints"][0]["says"]


@pytest.mark.parametrize(
    ("shows", "people"), [("schedule/duty", {"Anna", "Ben\\, the one"}), ("user/anna", {"Anna"})]
)
async def test_a_calendar_program_reads_it(
    admin: httpx.AsyncClient, client: Client, respond: Respond, shows: str, people: set[str]
) -> None:
    """Without a token, at an address that is kept nowhere; once it is revoked there is nothing."""
    await furnished(admin)
    feed = {"name": "f", "shows": shows, "team": "payments"}
    made = (await client(RESPONDER).post("/v1/calendars/feeds", json=feed)).json()
    token = made["path"].rpartition("/")[2].removesuffix(".ics")
    assert len(token) >= 43
    listed = await admin.get("/v1/calendars")
    assert token not in str(respond.sent) + listed.text
    anybody = client(None)
    answer = await anybody.get(made["path"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    summaries = [
        line for line in answer.text.replace("\r\n ", "").split("\r\n") if line.startswith("SUMMARY:")
    ]
    assert {line.removeprefix("SUMMARY:").removesuffix(" on call: duty") for line in summaries} == people
    assert (await anybody.get(f"/calendar/{token}x.ics")).status_code == 404
    assert (await anybody.get(f"/calendar/{'0' * 64}.ics")).status_code == 404
    assert (await anybody.post(made["path"])).status_code in (401, 405)
    assert (await client(RESPONDER).delete(f"/v1/calendars/{made['id']}")).status_code == 204
    assert (await anybody.get(made["path"])).status_code == 404


async def test_an_address_is_told_once(admin: httpx.AsyncClient) -> None:
    """A request that is repeated under its key does not learn it, and makes no second one."""
    await furnished(admin)
    feed, key = (
        {"name": "f", "shows": "user/anna", "team": "payments"},
        {"Idempotency-Key": "key-of-the-feed"},
    )
    assert (await admin.post("/v1/calendars/feeds", json=feed, headers=key)).status_code == 201
    again = await admin.post("/v1/calendars/feeds", json=feed, headers=key)
    assert (again.status_code, "it alone was told the address" in again.json()["detail"]) == (409, True)


def test_the_command_line(tocsin: Any, served: str, dependencies: Dependencies) -> None:
    """`oncall now`, `override`, `swap`, `calendar` and its revocation."""
    token = dependencies.tokens.issue(Principal(name="ada", admin=True), int(time.time()), 600)
    headers = {"Authorization": f"Bearer {token}"}
    people = [
        {"name": name, "team": "payments", "contact": [{"endpoint": "phone"}]} for name in ("anna", "ben")
    ]
    wanted = [("endpoints", PHONE), *(("people", person) for person in people), ("schedules", SCHEDULE)]
    for section, body in wanted:
        assert httpx.post(f"{served}/v1/{section}", json=body, headers=headers).status_code == 201
    code, said = tocsin("oncall", "now")
    assert (code, said) == (
        0,
        "duty of payments: anna (layer main) until 2025-11-25T08:00:00.000Z, then ben\n",
    )
    span = ("--from", "2099-11-24 17:00", "--to", "2099-11-24 18:00")
    code, said = tocsin("oncall", "override", "duty", "ben", *span, "--reason", "dentist")
    assert (code, "from 2099-11-24T16:00:00.000Z to 2099-11-24T17:00:00.000Z" in said) == (0, True), said
    code, said = tocsin("oncall", "swap", "payments/duty", "anna", "ben", *span)
    assert code == 0, said
    code, said = tocsin("oncall", "override", "dooty", "ben", *span)
    assert (code, "there is no schedule 'dooty'" in said) == (1, True), said
    code, said = tocsin("oncall", "calendar", "schedule/duty", "--team", "payments")
    assert (code, "/calendar/" in said) == (0, True), said
    address = said.split()[0]
    assert httpx.get(address).status_code == 200
    code, said = tocsin("oncall", "calendar", "schedule/duty", "--team", "payments", "--revoke")
    assert (code, httpx.get(address).status_code) == (0, 404), said
