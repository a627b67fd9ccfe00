"""Contact methods through the API and the command line: a code is sent, comes back, and is seen nowhere between."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from api.dependencies import Dependencies
from streams.errors import Refused
from streams.messages.command import ConfirmContact, EditContact, Principal, SendCode
from tests.api.conftest import Client, Respond
from tests.api.harness import created

HOOK = {"name": "hook", "channel": "webhook", "url": "https://hooks.example/geheim"}
MAIL = {
    "name": "email", "channel": "email", "to": "x@example.com", "sender": "t@example.com", "server": "smtp.example.com",
}  # fmt: skip
BEN = {
    "name": "ben", "email": "ben@example.com", "login": "ben@corp",
    "contact": [{"channel": "email"}, {"endpoint": "hook"}],
}  # fmt: skip
SELF, OTHER = Principal(name="ben@corp"), Principal(name="eve@corp")


async def ben(admin: httpx.AsyncClient) -> dict[str, Any]:
    """Ben, of the platform, and what sends to him."""
    for endpoint in (HOOK, MAIL):
        await created(admin, "endpoints", endpoint)
    return await created(admin, "people", BEN)


async def test_a_code_is_sealed_and_its_proof_is_that_of_what_comes_back(
    admin: httpx.AsyncClient, client: Client, respond: Respond, dependencies: Dependencies
) -> None:
    """Neither command nor answer holds it; blanks that people write into it do not matter."""
    person = await ben(admin)
    himself = client(SELF)
    answer = await himself.post(f"/v1/people/{person['id']}/send-code", json={"method": "email"})
    assert answer.status_code == 200, answer.text
    asked = respond.sent[-1].action
    assert isinstance(asked, SendCode)
    code = dependencies.sealer.open(asked.code) or ""
    assert (len(code), code.isdecimal(), code in str(respond.sent[-1]) + answer.text) == (6, True, False)
    back = {"method": "email", "code": f"{code[:3]} {code[3:]}"}
    assert (await himself.post(f"/v1/people/{person['id']}/confirm", json=back)).status_code == 200
    sent = respond.sent[-1].action
    assert isinstance(sent, ConfirmContact)
    assert (sent.proof, sent.method, code in str(respond.sent[-1])) == (asked.proof, "email", False)
    wrong = {"method": "hook", "code": code}  # of another method it is another one
    await himself.post(f"/v1/people/{person['id']}/confirm", json=wrong)
    sent = respond.sent[-1].action
    assert isinstance(sent, ConfirmContact)
    assert (sent.proof == asked.proof, sent.method) == (False, "endpoint/hook")


async def test_one_is_found_by_ones_login(admin: httpx.AsyncClient, client: Client) -> None:
    """In no team at all one sees oneself, and nobody else does."""
    person = await ben(admin)
    assert [each["id"] for each in (await client(SELF).get("/v1/people/me")).json()["items"]] == [
        person["id"]
    ]
    assert (await client(OTHER).get("/v1/people/me")).json()["items"] == []
    for path, body in (("send-code", {"method": "email"}), ("confirm", {"method": "email", "code": "1"})):
        answer = await client(OTHER).post(f"/v1/people/{person['id']}/{path}", json=body)
        assert answer.status_code == 404


async def test_one_changes_how_one_is_reached(
    admin: httpx.AsyncClient, client: Client, respond: Respond
) -> None:
    """Addresses are sealed; a revision is named; what is wrong or mentions nothing is refused."""
    person = await ben(admin)
    path, himself = f"/v1/people/{person['id']}/contact", client(SELF)
    answer = await himself.patch(path, json={"phone": "+4915112345", "handles": ["@ben"], "revision": 1})
    assert answer.status_code == 200, answer.text
    action = respond.sent[-1].action
    assert isinstance(action, EditContact)
    assert set(action.fields) == {"phone", "handles"}
    assert all(text.startswith("sealed:") for text in action.fields.values())
    assert "+4915112345" not in str(respond.sent[-1]) + answer.text
    for fields, status in (
        ({"phone": "+4915112345"}, 428),
        ({"phone": "0151", "revision": 1}, 422),
        ({"contact": [{"endpoint": "hok"}], "revision": 1}, 422),
        ({"contact": [], "revision": 1}, 422),
    ):
        assert (await himself.patch(path, json=fields)).status_code == status


async def test_what_was_read_may_come_back(
    admin: httpx.AsyncClient, client: Client, respond: Respond
) -> None:
    """What answers add to a document is no contact data, and is left out."""
    person = await ben(admin)
    back = {name: person[name] for name in ("id", "type", "updated_at", "updated_by", "revision", "email")}
    answer = await client(SELF).patch(
        f"/v1/people/{person['id']}/contact", json=back | {"time_zone": "Europe/Berlin"}
    )
    assert answer.status_code == 200, answer.text
    action = respond.sent[-1].action
    assert isinstance(action, EditContact)
    assert set(action.fields) == {"email", "time_zone"}


@pytest.mark.parametrize(("method", "says"), [("sms", "there are: email, endpoint/hook"), ("", "method")])
async def test_a_method_that_there_is_not(admin: httpx.AsyncClient, method: str, says: str) -> None:
    """The answer names those that there are."""
    person = await ben(admin)
    answer = await admin.post(f"/v1/people/{person['id']}/send-code", json={"method": method})
    assert (answer.status_code, says in answer.json()["detail"]) == (422, True), answer.text


def test_the_command_line(tocsin: Any, respond: Respond, served: str, dependencies: Dependencies) -> None:
    """Without a code one is sent, with it the method is confirmed; who is meant must be one."""
    token = dependencies.tokens.issue(Principal(name="ada", admin=True), int(time.time()), 600)
    headers = {"Authorization": f"Bearer {token}"}
    for section, body in (("endpoints", HOOK), ("endpoints", MAIL), ("people", BEN)):
        assert httpx.post(f"{served}/v1/{section}", json=body, headers=headers).status_code == 201
    code, said = tocsin("people", "confirm", "ben", "email")
    assert (code, "then: tocsin people confirm ben email CODE" in said) == (0, True), said
    code, said = tocsin("people", "confirm", "ben", "hook", "123 456")
    assert (code, isinstance(respond.sent[-1].action, ConfirmContact)) == (0, True), said
    code, said = tocsin("people", "contact", "ben", "--time-zone", "Europe/Berlin")
    assert (code, said.strip()) == (0, "time_zone of ben changed")
    code, said = tocsin("people", "confirm", "bem", "email")
    assert (code, "there is no person 'bem' whom you may see" in said) == (1, True), said
    respond.refusal = Refused("this is not the code that was sent: 4 attempts left")
    code, said = tocsin("people", "confirm", "ben", "email", "000000")
    assert (code, "4 attempts left" in said, "000000" in said) == (1, True, False), said
