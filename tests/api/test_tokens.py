"""Tokens and sessions that are ended before their time: by id, by name, at once, and in every process."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest

from api.auth.issued_tokens import MOST, IssuedTokens
from api.auth.revocation import Revocations
from api.auth.token import Session
from api.dependencies import Dependencies
from streams.messages.command import Principal
from tests.api.conftest import ADMIN

ANNA = Principal(name="anna", teams=("payments",))


def answered(client: Any, token: str) -> Any:
    """What the API answers whoever shows this token."""
    return client(None).get("/v1/alerts", headers={"Authorization": f"Bearer {token.strip()}"})


async def test_a_revoked_token_is_good_no_more(client: Any, dependencies: Dependencies) -> None:
    """Not for reading, not for writing; others of the same person go on."""
    session = Session(ANNA, str(uuid4()), 2_000_000_000)
    token = dependencies.tokens.issued(session, 1_795_000_000)
    other = dependencies.tokens.issue(ANNA, 1_795_000_000, 10**8)
    assert (await answered(client, token)).status_code == 200
    dependencies.revocations.add(session.id, session.expires, 0)
    refused = await answered(client, token)
    assert (refused.status_code, "has been revoked" in refused.json()["detail"]) == (401, True)
    assert (await answered(client, other)).status_code == 200


async def test_a_token_revokes_itself(client: Any) -> None:
    """Whoever shows a token may end it, as whoever is signed in may sign out."""
    anna = client(ANNA)
    assert (await anna.delete("/v1/session")).status_code == 204
    assert (await anna.get("/v1/alerts")).status_code == 401
    assert (await client(ANNA).get("/v1/alerts")).status_code == 200


async def test_a_session_is_listed(client: Any, dependencies: Dependencies) -> None:
    """Who signs in with a link stands in the list, and so can be ended from outside."""
    code = dependencies.signin.new(ADMIN, dependencies.now() // 1000)
    assert (await client(None).post("/v1/session", json={"code": code})).status_code == 204
    (session,) = dependencies.issued.all(dependencies.now() // 1000)
    assert (session.kind, session.name) == ("session", ADMIN.name)


def test_list_and_revoke(tocsin: Any, tmp_path: Path) -> None:
    """The list names each by id, person and scope, never a token; one is revoked by the beginning of its id."""
    tokens = [tocsin("token", name, "--team", "payments")[1].strip() for name in ("anna", "anna", "ben")]
    ids = [str(jwt.decode(token, options={"verify_signature": False})["jti"]) for token in tokens]
    code, listed = tocsin("tokens", "list")
    assert (code, listed.count("anna"), "3 good" in listed) == (0, 2, True), listed
    assert not any(token in listed for token in tokens)
    assert "anna: revoked" in tocsin("tokens", "revoke", ids[0][:8])[1]
    assert [Revocations(tmp_path).holds(id_) for id_ in ids] == [True, False, False]
    assert tocsin("tokens", "revoke", "anna")[1].count("revoked") == 1
    assert "1 good" in tocsin("tokens", "list")[1]


def test_revoke_what_is_not_known(tocsin: Any, tmp_path: Path) -> None:
    """A whole id of a token that was made elsewhere is refused from now on; what is none is named."""
    elsewhere = str(uuid4())
    assert "was not made here" in tocsin("tokens", "revoke", elsewhere)[1]
    assert Revocations(tmp_path).holds(elsewhere)
    code, said = tocsin("tokens", "revoke", "nobody")
    assert (code, "`tocsin tokens list` shows them" in said) == (1, True)


def test_an_id_that_begins_several(tocsin: Any, tmp_path: Path) -> None:
    """Nothing is revoked where it is not clear what."""
    issued = IssuedTokens(tmp_path)
    for id_ in ("abcd-1", "abcd-2"):
        issued.add(Session(ANNA, id_, 4_000_000_000), "token", 1_000_000_000)
    code, said = tocsin("tokens", "revoke", "abcd")
    assert (code, "abcd-1, abcd-2" in said) == (1, True)
    assert not Revocations(tmp_path).holds("abcd-1")


def test_what_expires_is_forgotten(tmp_path: Path) -> None:
    """The list holds what is good, and a bounded number of it, the newest."""
    issued = IssuedTokens(tmp_path)
    issued.add(Session(ANNA, "old", 100), "token", 50)
    assert [one.id for one in issued.all(60)] == ["old"]
    issued.add(Session(ANNA, "new", 300), "token", 200)
    assert [one.id for one in issued.all(60)] == ["new"]
    issued._kept.change(lambda known: {f"{n}": {**known["new"], "id": f"{n}"} for n in range(MOST)})
    issued.add(Session(ANNA, "newest", 400), "token", 250)
    ids = {one.id for one in issued.all(260)}
    assert (len(ids), "0" in ids, "newest" in ids) == (MOST, False, True)


@pytest.mark.parametrize("add", ["revocations", "issued"])
def test_nothing_is_lost_between_processes(tmp_path: Path, add: str) -> None:
    """Several that write at once, as API and command line do, keep what the others wrote."""

    def work(who: int) -> None:
        for n in range(20):
            if add == "revocations":
                Revocations(tmp_path).add(f"{who}-{n}", 2_000, 1_000)
            else:
                IssuedTokens(tmp_path).add(Session(ANNA, f"{who}-{n}", 2_000), "token", 1_000)

    workers = [threading.Thread(target=work, args=(who,)) for who in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    ids = [f"{who}-{n}" for who in range(4) for n in range(20)]
    if add == "revocations":
        assert all(Revocations(tmp_path).holds(id_) for id_ in ids)
    else:
        assert sorted(one.id for one in IssuedTokens(tmp_path).all(1_500)) == sorted(ids)
