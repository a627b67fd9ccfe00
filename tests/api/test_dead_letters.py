"""Dead letters: what came, from whom, why it was refused, what mends it; and back, once, where that is safe."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.dead_letters.view import LetterRecord, shown
from streams.messages.dead_letter import LARGEST
from streams.messages.envelope import encode
from streams.messages.tick import Tick
from tests.api.conftest import NOW
from tests.api.letters import AT, EVENT, Letters, letter_of


async def test_what_came_and_why(admin: httpx.AsyncClient, letters: Letters) -> None:
    """The newest first, each with its producer, code, field and fix; an input of ours names who asked."""
    command = encode("command", "c1", AT, {"by": {"name": "anna"}})
    letters.records = [
        letter_of(1),
        letter_of(2, command, "inbox", "a KeyError", "ours"),
        letter_of(3, b"\xff{"),
    ]
    found = (await admin.get("/v1/dead-letters")).json()
    assert [one["offset"] for one in found["items"]] == [3, 2, 1]
    assert (found["kept"], found["next"]) == (3, None)
    garbage, ours, event = found["items"]
    assert (event["producer"], event["code"], event["fault"], event["field"], event["kind"]) == (
        "guard of gateway prod", "refused", "sender", "type", "event",
    )  # fmt: skip
    assert (ours["producer"], ours["code"], ours["fault"]) == ("anna through Tocsin", "failed", "ours")
    assert "update Tocsin" in ours["fix"]
    assert (garbage["producer"], garbage["kind"], garbage["bytes"]) == ("gateway prod", "", 2)


async def test_pages_of_letters(admin: httpx.AsyncClient, letters: Letters) -> None:
    """Page by page each letter comes once, narrowed by topic, code and words as well; an unknown code is refused."""
    letters.records = [letter_of(n, topic="inbox" if n % 7 == 0 else "telemetry") for n in range(1, 500)]
    for asked, wanted in (({}, 499), ({"topic": "inbox"}, 71), ({"code": "refused", "q": "GUARD"}, 499)):
        seen: list[int] = []
        before: dict[str, int] = {}
        while True:
            found = (await admin.get("/v1/dead-letters", params={**asked, **before, "limit": 30})).json()
            seen += [one["offset"] for one in found["items"]]
            if found["next"] is None:
                break
            before = {"before": found["next"]}
        assert (len(seen), sorted(set(seen), reverse=True)) == (wanted, seen)
    assert (await admin.get("/v1/dead-letters?code=sad")).status_code == 422


async def test_sent_back_once(admin: httpx.AsyncClient, letters: Letters) -> None:
    """The bytes go back as they came; a second time is refused, and the page of letters says so."""
    letters.records = [letter_of(5)]
    answer = await admin.post("/v1/dead-letters/5/send-back")
    assert (answer.status_code, answer.json()["topic"]) == (200, "telemetry")
    assert [(one.value, one.headers["key"]) for one in letters.back] == [(EVENT, b"prod")]
    again = await admin.post("/v1/dead-letters/5/send-back")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    (item,) = (await admin.get("/v1/dead-letters")).json()["items"]
    assert (item["can_be_sent_back"], "sent back already" in item["why_not"]) == (False, True)
    assert (await admin.post("/v1/dead-letters/6/send-back")).status_code == 404


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (letter_of(1, Tick(id="t", at=AT, processed=AT).encode(), "inbox"), "it was a tick"),
        (letter_of(1, encode("samples", "s", NOW - 600_001, {})), "older than 10 minutes"),
        (letter_of(1, b"x" * (LARGEST + 1)), "only its hash was kept"),
        (letter_of(1, topic="config"), "python -m deploy redrive --topic config"),
        (LetterRecord(1, AT, {}, b"{}"), "no letter of ours"),
    ],
)
async def test_what_is_not_sent_back(
    admin: httpx.AsyncClient, letters: Letters, record: LetterRecord, why: str
) -> None:
    """Where it would bring nothing, or may not be, the letter says why, and the API refuses."""
    letters.records = [record]
    assert why in (await admin.get("/v1/dead-letters/1")).json()["why_not"]
    answer = await admin.post("/v1/dead-letters/1/send-back")
    assert (answer.status_code, why in answer.json()["detail"], letters.back) == (409, True, [])


async def test_administrators_only(client: Any, member: httpx.AsyncClient, letters: Letters) -> None:
    """Inputs are of all teams: a member is refused each of it; without a broker it is said that it cannot be known."""
    letters.records = [letter_of(1)]
    paths = (("GET", ""), ("GET", "/1"), ("POST", "/1/send-back"))
    answers = [await member.request(method, f"/v1/dead-letters{path}") for method, path in paths]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert all("secret" not in answer.text and "guard" not in answer.text for answer in answers)


async def test_without_a_broker(admin: httpx.AsyncClient, letters: Letters) -> None:
    """Then it is not known, which is said."""
    letters.away = "the broker does not answer"
    answer = await admin.get("/v1/dead-letters")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


@given(st.dictionaries(st.text(max_size=20), st.binary(max_size=60), max_size=6), st.binary(max_size=200))
def test_whatever_lies_there_is_shown(headers: dict[str, bytes], value: bytes) -> None:
    """Anybody may write to a topic: whatever it is, it is shown in bounded length, and nothing of it is believed."""
    found = shown(LetterRecord(3, AT, headers, value), NOW, sent=False)
    assert (found["offset"], len(found["input"]) <= 300) == (3, True)
    assert found["code"] in ("refused", "forged", "other_layout", "failed")


def test_signatures_are_not_shown() -> None:
    """Whoever reads a letter cannot say the same again in its producer's name."""
    signed = EVENT[:-1] + b',"signature":"' + b"a" * 64 + b'"}'
    assert "aaaa" not in shown(letter_of(1, signed), NOW, sent=False, whole=True)["input"]


def test_command_line(tocsin: Any, letters: Letters) -> None:
    """List, one whole, and sent back; what is refused is one line."""
    letters.records = [letter_of(n) for n in range(1, 4)]
    code, said = tocsin("dead-letters", "list", "--limit", "2")
    assert (code, said.count("guard of gateway prod"), "2 of 3" in said) == (0, 2, True)
    code, said = tocsin("dead-letters", "show", "1")
    assert (code, '"source":"guard"' in said, "what to do:" in said) == (0, True, True)
    assert tocsin("dead-letters", "send-back", "1", "--yes") == (0, "letter 1 was sent back to telemetry\n")
    code, said = tocsin("dead-letters", "send-back", "1", "--yes")
    assert (code, "sent back already" in said) == (1, True)
