"""Revisions of documents: what each was, who made it so, what it changed, and the way back."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

from api.documents.seal import Sealer
from tests.api.harness import HOOK, RULE, created

TOKEN = "whsec_" + "bmV1" * 16


async def edited(
    client: httpx.AsyncClient, section: str, body: dict[str, Any], **fields: Any
) -> dict[str, Any]:
    """A document, created and changed once."""
    made = await created(client, section, body)
    answer = await client.put(f"/v1/{section}/{made['id']}", json=made | fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_was_changed(member: httpx.AsyncClient) -> None:
    """The newest first: who, when, and each field before and after."""
    rule = await edited(member, "rules", RULE, severity="info", description="noisy")
    where = f"/v1/rules/{rule['id']}/revisions"
    newest, first = (await member.get(where)).json()["items"]
    assert (newest["revision"], newest["what"], newest["by"], newest["kept"]) == (
        2,
        "changed",
        "mo@example.com",
        True,
    )
    changes = {one["field"]: (one["before"], one["after"]) for one in newest["changes"]}
    assert changes["severity"] == ("critical", "info")
    assert changes["description"] == ("", "noisy")
    assert set(changes) == {"severity", "description"}
    assert (first["revision"], first["what"]) == (1, "created")
    assert ("severity", None, "critical") in [(c["field"], c["before"], c["after"]) for c in first["changes"]]
    old = (await member.get(f"{where}/1")).json()
    assert (old["document"]["severity"], old["document"]["name"]) == ("critical", "errors")


async def test_page_by_page(member: httpx.AsyncClient) -> None:
    """`next` leads on to the older ones."""
    rule = await edited(member, "rules", RULE, severity="info")
    where = f"/v1/rules/{rule['id']}/revisions"
    first = (await member.get(where, params={"limit": 1})).json()
    rest = (await member.get(where, params={"limit": 1, "below": first["next"]})).json()
    assert [one["revision"] for one in first["items"] + rest["items"]] == [2, 1]
    assert rest["next"] is None


async def test_restored(member: httpx.AsyncClient) -> None:
    """What was becomes a new revision; nothing of the history is lost, and who restores again changes nothing."""
    rule = await edited(member, "rules", RULE, severity="info")
    where = f"/v1/rules/{rule['id']}/revisions"
    for _ in range(2):
        answer = await member.post(f"{where}/1/restore")
        assert (answer.status_code, answer.json()["severity"], answer.json()["revision"]) == (
            200,
            "critical",
            3,
        )
    assert [one["revision"] for one in (await member.get(where)).json()["items"]] == [3, 2, 1]


async def test_restored_on_what_was_read(member: httpx.AsyncClient) -> None:
    """If-Match names what it is now: where somebody was first, that is a conflict."""
    rule = await edited(member, "rules", RULE, severity="info")
    where = f"/v1/rules/{rule['id']}/revisions/1/restore"
    answer = await member.post(where, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert (await member.post(where, headers={"If-Match": '"2"'})).status_code == 200


async def test_what_is_deleted_comes_back(member: httpx.AsyncClient) -> None:
    """With its secret, under its old name; the revision that deleted it has nothing to restore."""
    hook = await created(member, "endpoints", HOOK)
    assert (await member.delete(f"/v1/endpoints/{hook['id']}")).status_code == 204
    where = f"/v1/endpoints/{hook['id']}/revisions"
    assert [one["what"] for one in (await member.get(where)).json()["items"]] == ["deleted", "created"]
    nothing = await member.post(f"{where}/2/restore")
    assert (nothing.status_code, "deleted the document" in nothing.json()["detail"]) == (422, True)
    back = (await member.post(f"{where}/1/restore")).json()
    assert (back["url"], back["revision"]) == (hook["url"], 3)


async def test_secrets_are_masked(member: httpx.AsyncClient, dependencies: Any, respond: Any) -> None:
    """That a secret changed is said, what it was is not; what was restored is the old secret."""
    hook = await edited(member, "endpoints", HOOK, secret=TOKEN)
    where = f"/v1/endpoints/{hook['id']}/revisions"
    answer = await member.get(where)
    (change,) = answer.json()["items"][0]["changes"]
    assert (change["field"], change["secret"], change["before"]) == ("secret", True, "••••••")
    whole = await member.get(f"{where}/1")
    audit = await member.get("/v1/audit")
    for text in (answer.text, whole.text, audit.text):
        assert HOOK["secret"] not in text
        assert "geheim" not in text
        assert "sealed:" not in text
    assert (await member.post(f"{where}/1/restore")).status_code == 200
    assert dependencies.sealer.open(respond.sent[-1].action.body["secret"]) == HOOK["secret"]


async def test_a_secret_whose_key_is_gone(member: httpx.AsyncClient, dependencies: Any) -> None:
    """It is not put as if it were the secret: the answer says what to do."""
    hook = await created(member, "endpoints", HOOK)
    object.__setattr__(dependencies, "sealer", Sealer([Fernet.generate_key().decode()]))
    answer = await member.post(f"/v1/endpoints/{hook['id']}/revisions/1/restore")
    assert (answer.status_code, "sealed with a key that is gone" in answer.json()["detail"]) == (422, True)


async def test_what_a_file_owns(member: httpx.AsyncClient) -> None:
    """It is restored by its file, as it is edited there; what was restored belongs to no file."""
    rule = await created(member, "rules", RULE | {"file": "rules.yaml"})
    where = f"/v1/rules/{rule['id']}/revisions/1/restore"
    answer = await member.post(where)
    assert (answer.status_code, answer.json()["code"]) == (409, "owned_by_file")
    gone = await member.delete(f"/v1/rules/{rule['id']}", headers={"Tocsin-From": "files"})
    assert gone.status_code == 204
    assert (await member.post(where)).json()["file"] == ""


@pytest.mark.parametrize("number", ["0", "x", "-1", "99"])
async def test_no_such_revision(member: httpx.AsyncClient, number: str) -> None:
    """Neither a number that is none, nor one that was never given."""
    rule = await created(member, "rules", RULE)
    answer = await member.get(f"/v1/rules/{rule['id']}/revisions/{number}")
    assert answer.status_code == (404 if number == "99" else 422)


async def test_of_another_kind(member: httpx.AsyncClient) -> None:
    """A document is looked for among those of its kind only."""
    rule = await created(member, "rules", RULE)
    assert (await member.get(f"/v1/routes/{rule['id']}/revisions")).status_code == 404
    assert (await member.get(f"/v1/routes/{rule['id']}/revisions/1")).status_code == 404


async def test_on_the_command_line(member: httpx.AsyncClient, tocsin: Any) -> None:
    """Listed, shown and restored by kind, name and team."""
    await edited(member, "rules", RULE, severity="info")
    code, said = tocsin("revisions", "rule", "errors", "--team", "payments")
    assert (code, "mo@example.com changed it" in said, "severity: critical → info" in said) == (0, True, True)
    code, said = tocsin("revisions", "rules", "errors", "--team", "payments", "--show", "1")
    assert (code, "severity: critical" in said) == (0, True)
    code, said = tocsin("revisions", "rule", "errors", "--team", "payments", "--restore", "1")
    assert (code, said.strip()) == (
        0,
        "rule errors of payments is as it was at revision 1, and is revision 3 now",
    )
    assert "did you mean rule?" in tocsin("revisions", "rul", "errors")[1]
    assert "there is no rule" in tocsin("revisions", "rule", "errors", "--team", "search")[1]
