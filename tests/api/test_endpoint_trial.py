"""The test button: what became of a labelled test, in the receiver's own words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from api.cli.channel_preview import preview
from api.cli.verbs.channels import LOG
from streams.errors import Refused
from streams.messages.command import Principal
from tests.api.conftest import Client, History
from tests.api.harness import HOOK, created

SENT = ("attempt", "sent", "attempt 1 by webhook")
TOOK = ("notification", "delivered", "hooks.example answered 204 (attempt 1, 12 ms)")
GONE = ("notification", "failed", "hooks.example answered 410: set `url` (attempt 1, 12 ms)")
BUSY = ("attempt", "retry", "hooks.example answered 503 (attempt 1, 12 ms); again in 5s")


@pytest.mark.parametrize(
    ("lines", "result", "reason"),
    [
        ([SENT, TOOK], "delivered", TOOK[2]),
        ([SENT, GONE], "failed", GONE[2]),
        ([SENT, BUSY], "retry", BUSY[2]),
        ([SENT], "pending", SENT[2]),
        ([], "pending", "nothing has been heard of it"),
    ],
)
async def test_answer(member: httpx.AsyncClient, respond: Any, lines: Any, result: str, reason: str) -> None:
    """It says what the receiver said, and each attempt; where nothing is over in time, how it stands."""
    hook = await created(member, "endpoints", HOOK)
    respond.deliveries = lines
    answer = await member.post(f"/v1/endpoints/{hook['id']}/test")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["result"], body["reason"].startswith(reason)) == (result, True)
    assert [line["reason"] for line in body["attempts"]] == [line[2] for line in lines]
    assert "geheim" not in answer.text
    action, team = respond.sent[-1].action, respond.sent[-1].team
    assert (action.do, action.name, team) == ("test", "hook", "payments")


async def test_who_may(client: Client, member: httpx.AsyncClient, respond: Any) -> None:
    """Members of its team; for all others it does not exist."""
    hook = await created(member, "endpoints", HOOK)
    path, sent = f"/v1/endpoints/{hook['id']}/test", len(respond.sent)
    assert (await client(Principal(name="eve", teams=("search",))).post(path)).status_code == 404
    assert (await client(None).post(path)).status_code == 401
    assert (await member.post("/v1/endpoints/nothing/test")).status_code == 404
    assert len(respond.sent) == sent


async def test_undecided(member: httpx.AsyncClient, respond: Any) -> None:
    """Where respond does not answer, 202 as every write; the same key asks once."""
    hook = await created(member, "endpoints", HOOK)
    respond.deliveries = [SENT, TOOK]
    path, key = f"/v1/endpoints/{hook['id']}/test", {"Idempotency-Key": "12345678"}
    one, two = [(await member.post(path, headers=key)).json() for _ in range(2)]
    assert (one, len(respond.sent)) == (two, 2)
    respond.silent = True
    assert (await member.post(path)).status_code == 202


def test_from_the_command_line(tocsin: Any, respond: Any, history: Any) -> None:
    """By its name, by team and name, by its id; 0 where it arrived, else 1 with the receiver's words."""
    code, said = tocsin("channels", "test", "hook")
    assert (code, "there is no endpoint hook" in said) == (1, True), said


async def test_by_name(member: httpx.AsyncClient, tocsin: Any, respond: Any, client: Client) -> None:
    """The command line finds the endpoint and says how it went."""
    await created(member, "endpoints", HOOK)
    respond.deliveries = [SENT, TOOK]
    code, said = tocsin("channels", "test", "payments/hook")
    assert (code, TOOK[2] in said, "✔ delivered" in said) == (0, True, True), said
    respond.deliveries = [SENT, GONE]
    code, said = tocsin("channels", "test", "hook")
    assert (code, GONE[2] in said) == (1, True), said


async def test_the_log_needs_no_document(
    admin: httpx.AsyncClient, member: httpx.AsyncClient, respond: Any
) -> None:
    """The platform's log is there by itself: administrators try it, for others it is none of theirs."""
    path = f"/v1/endpoints/{LOG}/test"
    respond.deliveries = [("notification", "delivered", "written to the log (attempt 1, 1 ms)")]
    answer = await admin.post(path)
    assert (answer.status_code, answer.json()["result"]) == (200, "delivered")
    assert (respond.sent[-1].team, respond.sent[-1].action.name) == ("platform", "log")
    assert (await member.post(path)).status_code == 403


def test_the_log_from_the_command_line(tocsin: Any, respond: Any) -> None:
    """By its bare name, and with its team."""
    respond.deliveries = [("notification", "delivered", "written to the log (attempt 1, 1 ms)")]
    for name in ("log", "platform/log"):
        code, said = tocsin("channels", "test", name)
        assert (code, "written to the log" in said) == (0, True), said


def test_a_preview(tocsin: Any, tmp_path: Path, history: History) -> None:
    """What an endpoint of a file would be told of an alert, by the very process that would send it."""
    history.alert("a1-is-an-alert", severity="critical", message="52 % of calls fail")
    file = tmp_path / "e.yaml"
    words = "text_template: 'x {{ title }}'"
    file.write_text(f"endpoints: [{{name: push, team: payments, channel: ntfy, topic: abc, {words}}}]")
    code, said = tocsin("channels", "preview", str(file), "--alert", "a1-is-an-alert")
    assert code == 0, said
    assert "── payments/push (ntfy)" in said
    assert "x 52 % of calls fail" in said


def test_a_preview_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up in words, however long the sinks would take."""
    monkeypatch.setattr("api.cli.channel_preview.SECONDS", 0.001)
    with pytest.raises(Refused, match="the sinks have not shown it"):
        preview({"name": "log", "channel": "log"}, None)
