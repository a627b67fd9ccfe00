"""People, teams, schedules and routes through the API: sealed, checked against each other, and looked ahead at."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from api.dependencies import Dependencies
from api.documents.plan import ORDER, Stored, plan
from api.documents.reference import key
from streams.documents import registry
from streams.documents.document import Owned
from streams.messages.command import Principal
from tests.api.conftest import NOW, Respond
from tests.api.harness import created

PHONE = {"name": "ben-phone", "channel": "log"}
BEN = {
    "name": "ben",
    "full_name": "Ben",
    "email": "ben@example.com",
    "phone": "+4915112345",
    "contact": [{"endpoint": "ben-phone"}],
}
SCHEDULE = {"name": "s", "time_zone": "Europe/Berlin", "starts": "2025-11-03", "people": ["ben"]}
POLICY = {"name": "p", "steps": [{"notify": "schedule/s"}]}


def of(kind: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A document in a plan."""
    return {"type": kind} | body | more


async def planned(
    client: httpx.AsyncClient, *documents: dict[str, Any]
) -> tuple[list[str], list[tuple[str, str]]]:
    """What a plan complains of and warns of."""
    answer = await client.post("/v1/plan", json={"documents": list(documents)})
    assert answer.status_code == 200, answer.text
    said = answer.json()
    return [one["says"] for one in said["complaints"]], [
        (one["path"], one["says"]) for one in said["warnings"]
    ]


async def test_contact_data_is_sealed_and_masked(admin: httpx.AsyncClient, respond: Respond) -> None:
    """Neither a command nor an answer nor a plan's sentence holds an address; what was read can be sent back."""
    await created(admin, "endpoints", PHONE)
    ben = await created(admin, "people", BEN)
    assert "ben@example.com" not in str(ben) + str(respond.sent)
    assert "+4915112345" not in str(ben) + str(respond.sent)
    back = await admin.put(f"/v1/people/{ben['id']}", json=ben | {"full_name": "Benjamin"})
    assert back.status_code == 200
    body = respond.sent[-1].action.body  # type: ignore[union-attr]
    assert body["email"].startswith("sealed:")
    changed = of("person", BEN, phone="+4915199999")
    answer = (await admin.post("/v1/plan", json={"documents": [changed]})).json()
    assert "phone changes" in answer["steps"][0]["sentence"]
    assert "+49" not in str(answer)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (BEN | {"contact": []}, "nobody could reach them"),
        (BEN | {"email": "ben"}, "`email`: must be an address such as ben@example.com"),
        (BEN | {"phone": "0151"}, "`phone`: must be a number with its country"),
        (BEN | {"contact": [{"endpoint": "x"}]}, "there is no endpoint `x`"),
        (BEN | {"contact": [{"channel": "email", "confirmed": True}]}, "there is no endpoint `email`"),
    ],
)
async def test_a_person_who_cannot_be_reached_is_refused(
    admin: httpx.AsyncClient, body: dict[str, Any], says: str
) -> None:
    """With the field and what to write; an address that is none is not repeated."""
    await created(admin, "endpoints", PHONE)
    answer = await admin.post("/v1/people", json=body)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


async def test_what_is_mentioned_must_exist_and_be_one(admin: httpx.AsyncClient) -> None:
    """People of schedules and teams, targets of steps, the route that another is within; and no circle of these."""
    known = [of("endpoint", PHONE), of("person", BEN)]
    wrong = [
        of("schedule", SCHEDULE, people=["bem"]),
        of("team", {"name": "t", "members": ["ben"], "leads": "anna"}),
        of("policy", POLICY, steps=[{"notify": "schedule/x"}, {"after": "5m", "notify": "team/u"}]),
        of("route", {"name": "a", "within": "b"}),
        of("route", {"name": "b", "within": "a"}),
        of("route", {"name": "c", "within": "d"}),
    ]
    says, _ = await planned(admin, *known, *wrong)
    for words in (
        "there is no person `bem` of platform; did you mean `ben`?", "there is no person `anna`",
        "there is no schedule `x`", "there is no team `u`",
        "goes round in a circle (a → b → a)", "there is no route `d`",
    ):  # fmt: skip
        assert any(words in one for one in says), (words, says)


async def test_a_name_that_two_people_have_is_refused(admin: httpx.AsyncClient) -> None:
    """Where a team's document mentions it, nobody could tell who is meant."""
    two = [of("endpoint", PHONE), of("person", BEN), of("person", BEN, team="payments")]
    says, _ = await planned(admin, *two, of("schedule", SCHEDULE, team="payments"))
    assert says == ["two people are called `ben`, of payments and of platform: give one another name"]


async def test_gaps_and_steps_that_reach_nobody_are_warnings(admin: httpx.AsyncClient) -> None:
    """With when and why; a schedule without gaps and a step that always reaches somebody are not mentioned."""
    known = [of("endpoint", PHONE), of("person", BEN), of("schedule", SCHEDULE), of("policy", POLICY)]
    assert await planned(admin, *known) == ([], [])
    days = of("schedule", SCHEDULE, only="mon-fri 09:00-17:00")
    says, warned = await planned(admin, of("endpoint", PHONE), of("person", BEN), days, of("policy", POLICY))
    assert says == []
    assert [path for path, _ in warned] == ["layers", "steps", "steps.0"]
    assert "nobody is on call from Mon 2025-11-24 17:00 to Tue 2025-11-25 09:00" in warned[0][1]
    assert (
        "nobody would be told from Mon 2025-11-24 16:00 to Tue 2025-11-25 08:00 UTC, and in " in warned[1][1]
    )
    assert "reaches nobody at Mon 2025-11-24 16:00 UTC: nobody is on call in schedule s" in warned[2][1]


async def test_a_way_that_is_not_confirmed_is_a_warning(admin: httpx.AsyncClient) -> None:
    """So is an endpoint of another channel than the address."""
    mail = of("endpoint", PHONE, name="email")
    ben = of("person", BEN, contact=[{"channel": "email"}])
    says, warned = await planned(admin, mail, ben)
    assert says == []
    assert [path for path, _ in warned] == ["contact", "contact.0"]
    assert "sends by log, not by email" in warned[1][1]


async def test_an_override_in_the_past_ends_the_plan(admin: httpx.AsyncClient) -> None:
    """Before anything is done, with the field."""
    late = {"person": "ben", "starts": "2025-11-01", "ends": "2025-11-02"}
    says, _ = await planned(
        admin, of("endpoint", PHONE), of("person", BEN), of("schedule", SCHEDULE, overrides=[late])
    )
    assert "`overrides.0.ends`: 2025-11-02 is over" in says[0]


async def test_a_team_may_refer_to_what_is_the_platforms(
    admin: httpx.AsyncClient, member: httpx.AsyncClient
) -> None:
    """In a plan and in what is foreseen as in a document that is put, though none of its members may read it."""
    await created(
        admin, "endpoints", {"name": "pager", "channel": "webhook", "url": "https://hooks.example/x"}
    )
    policy = {"name": "p", "team": "payments", "steps": [{"notify": "endpoint/pager"}]}
    assert await planned(member, of("policy", policy)) == ([], [])
    await created(member, "policies", policy)
    assert (await member.get("/v1/plan/warnings")).json()["items"] == []


def test_what_tocsin_keeps_is_no_difference() -> None:
    """Whose turn it is since people changed stands in the stored schedule, and no file needs to hold it."""
    turns = {"main": {"number": 3, "person": "ben", "next": "ben"}}
    stored = registry.read("schedule", SCHEDULE | {"turns": turns})
    wanted: Owned = registry.read("schedule", SCHEDULE)
    steps = plan([wanted], [Stored(key(stored), stored.id, 1, stored)], False, NOW).steps
    assert [step.do for step in steps] == ["keep"]


OUTER_AND_INNER = [
    ("route", {"to": "endpoint/log"}, {"within": "a"}),
    ("rule", {"last": "cpu", "above": 1}, {"composite": "a or c"}),
]


@pytest.mark.parametrize(("kind", "outer", "inner"), OUTER_AND_INNER)
def test_within_a_kind_what_is_referred_to_is_put_first_and_goes_last(
    kind: str, outer: dict[str, Any], inner: dict[str, Any]
) -> None:
    """Else it would be refused, today and whenever it is applied again."""
    last, first, kept = (
        registry.read(kind, {"name": name} | body)
        for name, body in (("a", outer), ("b", inner), ("c", outer))
    )
    known = [Stored(key(document), document.id, 1, document) for document in (last, first, kept)]
    steps = plan([kept], known, True, NOW).steps
    assert [step.name for step in steps if step.do == "delete"] == ["b", "a"]
    swapped = {"name": "b"} | outer, {"name": "a"} | dict.fromkeys(inner, "b")
    steps = plan([registry.read(kind, body) for body in swapped], [], False, NOW).steps
    assert [step.name for step in steps] == ["b", "a"]


async def test_a_policy_is_applied_to_what_runs(admin: httpx.AsyncClient, respond: Respond) -> None:
    """As a command of the team whose escalations are meant."""
    await created(admin, "endpoints", PHONE)
    policy = await created(admin, "policies", {"name": "p", "steps": [{"notify": "endpoint/ben-phone"}]})
    answer = await admin.post(f"/v1/policies/{policy['id']}/apply-now?team=payments")
    assert answer.status_code == 200
    command = respond.sent[-1]
    assert (command.team, command.action.do) == ("payments", "apply_policy")


def test_the_command_line_names_a_policy_that_does_not_exist(tocsin: Any) -> None:
    """And which option says whose it is."""
    code, said = tocsin("policies", "apply-now", "nope")
    assert code == 1
    assert "there is no policy nope of platform: `--owner` names the team that has it" in said


async def test_a_plan_says_of_every_sealed_field_only_that_it_changes(admin: httpx.AsyncClient) -> None:
    """Whatever its channel calls it."""
    sms = {
        "name": "sms", "channel": "sms", "to": "+4930123456", "sender": "Tocsin", "account": "AC" + "0" * 32,
        "password": "first-token",
    }  # fmt: skip
    await created(admin, "endpoints", sms)
    changed = of("endpoint", sms, password="second-token", to="+4930999999")
    answer = (await admin.post("/v1/plan", json={"documents": [changed]})).json()
    assert "password changes" in answer["steps"][0]["sentence"]
    assert not [word for word in ("first-token", "second-token", "+4930") if word in str(answer)]


def test_every_kind_has_its_place_in_a_plan() -> None:
    """One that has none could not be applied."""
    assert sorted(ORDER) == sorted(registry.KINDS)


async def test_what_holds_is_looked_ahead_at_as_well(
    admin: httpx.AsyncClient, member: httpx.AsyncClient
) -> None:
    """For the doctor: the same warnings as in a plan, of the documents that one may read."""
    await created(admin, "endpoints", PHONE)
    await created(admin, "people", BEN)
    await created(admin, "schedules", SCHEDULE | {"only": "mon-fri 09:00-17:00"})
    await created(admin, "policies", POLICY)
    found = (await admin.get("/v1/plan/warnings")).json()["items"]
    assert [(each["kind"], each["path"]) for each in found] == [
        ("policy", "steps"), ("policy", "steps.0"), ("schedule", "layers"),
    ]  # fmt: skip
    assert (await member.get("/v1/plan/warnings")).json()["items"] == []


def test_the_doctor_says_when_nobody_is_on_call(tocsin: Any, served: str, dependencies: Dependencies) -> None:
    """A gap is noted; a step that reaches nobody tonight is to be mended."""
    token = dependencies.tokens.issue(Principal(name="ada", admin=True), int(time.time()), 600)
    headers = {"Authorization": f"Bearer {token}"}
    gaps = SCHEDULE | {"only": "mon-fri 09:00-17:00"}
    for section, body in (("endpoints", PHONE), ("people", BEN), ("schedules", gaps), ("policies", POLICY)):
        assert httpx.post(f"{served}/v1/{section}", json=body, headers=headers).status_code == 201
    code, said = tocsin("doctor")
    assert code == 1
    assert "· schedule s (platform): nobody is on call from" in said
    assert "! policy p (platform): reaches nobody at" in said
