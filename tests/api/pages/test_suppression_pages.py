"""The pages of silences and maintenance windows: what they cover, when, made and ended by the API's own functions."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from streams.messages.command import PutDocument
from tests.api.conftest import History, Respond
from tests.api.pages.harness import EVIL, put, said, sent

BERLIN = {"tocsin_zone": "Europe/Berlin"}
SILENCE = {"covers": "gateway=prod", "team": "payments", "reason": "patches"}


def last_body(respond: Respond) -> dict[str, Any]:
    """The document that was asked for last."""
    action = respond.sent[-1].action
    assert isinstance(action, PutDocument)
    return action.body


async def test_silenced(admin: httpx.AsyncClient, respond: Respond) -> None:
    """For a length from now: the reader answers for it, and it has a name of its own."""
    answer = await sent(admin, "/silences", **SILENCE, lasts="2h")
    assert said(answer) == "Silenced."
    body = last_body(respond)
    assert (body["ends"], body["owner"], body["starts"]) == (
        "2025-11-24T18:00:00.000Z",
        "ada@example.com",
        "",
    )
    assert body["name"].startswith("silence-20251124-16")
    assert said(await sent(admin, "/silences", **SILENCE, lasts="2h")) == "Silenced."
    assert last_body(respond)["name"] != body["name"]


async def test_silenced_until(admin: httpx.AsyncClient, respond: Respond) -> None:
    """Times of the form are those of the reader's clocks."""
    admin.cookies.update(BERLIN)
    await sent(admin, "/silences", **SILENCE, starts="2025-11-25T09:00", until="2025-11-25T17:00")
    body = last_body(respond)
    assert (body["starts"], body["ends"]) == ("2025-11-25T08:00:00.000Z", "2025-11-25T16:00:00.000Z")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"lasts": "soon"}, "&#39;soon&#39; is not a length of time"),
        ({}, "`lasts` is empty: write how long"),
        ({"lasts": "2h", "covers": "severity!=info"}, "asks for no label"),
        ({"until": "tomorrow"}, "`until`: &#39;tomorrow&#39; is no local time"),
    ],
)
async def test_what_is_no_silence(
    admin: httpx.AsyncClient, respond: Respond, fields: dict[str, str], words: str
) -> None:
    """The field is named, with what to write; nothing is asked for."""
    answer = await sent(admin, "/silences", **SILENCE | fields)
    assert (answer.status_code, words in answer.text, respond.sent) == (422, True, []), answer.text


async def test_what_it_would_cover(
    admin: httpx.AsyncClient, member: httpx.AsyncClient, history: History
) -> None:
    """The open alerts that fit, as respond would cover them: a team's silence covers its own, the platform's all."""
    history.alert("a", message=EVIL)
    history.alert("b", gateway="other")
    history.alert("c", team="search")
    history.alert("d", status="resolved", resolved_at=1)

    async def total(client: httpx.AsyncClient, team: str) -> str:
        text = (await sent(client, "/silences/preview", covers="gateway=prod", team=team)).text
        assert "<img src=x" not in text
        return text.split("<strong>")[1].split("<")[0]

    assert [await total(admin, team) for team in ("payments", "search", "platform")] == ["1", "1", "2"]
    assert await total(member, "platform") == "1"


async def test_matchers_that_cannot_be_read(admin: httpx.AsyncClient) -> None:
    """While it is written, a preview says what is wrong with the matchers."""
    answer = await sent(admin, "/silences/preview", covers="gateway=~(")
    assert (answer.status_code, "cannot be compiled" in answer.text) == (422, True)


async def test_active_coming_and_past(admin: httpx.AsyncClient, history: History) -> None:
    """Each silence stands where it belongs now, and what holds says how much it covers."""
    history.alert("a")
    await put(admin, "silences", "now", "payments", covers="gateway=prod")
    later = {"starts": "2026-12-01T00:00:00Z", "ends": "2026-12-06T02:00:00Z"}
    await put(admin, "silences", "later", "payments", covers="x=later", **later)
    await put(admin, "silences", "before", "payments", covers="x=before", ends="2025-11-24T10:00:00Z")
    page = (await admin.get("/silences")).text
    active, _, rest = page.partition("<h3>Coming</h3>")
    coming, _, past = rest.partition("<summary>Past (1)")
    assert ("gateway=prod</code>" in active, "1 open alert now" in active) == (True, True)
    assert ("x=later</code>" in coming, "x=before</code>" in past) == (True, True)
    assert page.count("End now") == 1


async def test_ended(admin: httpx.AsyncClient, respond: Respond) -> None:
    """The silence ends now, and nothing else of it changes."""
    made = await put(admin, "silences", "now", "payments")
    answer = await sent(admin, f"/silences/{made['id']}/end")
    assert said(answer) == "The silence has ended; what still fires is told."
    assert last_body(respond) == {**made_body(made), "ends": "2025-11-24T16:00:00.000Z"}


def made_body(made: dict[str, Any]) -> dict[str, Any]:
    """A document as it is stored, of an answer."""
    added = ("id", "type", "revision", "updated_at", "updated_by")
    return {name: value for name, value in made.items() if name not in added}


async def test_from_an_alert(admin: httpx.AsyncClient) -> None:
    """A link fills in the form: what it covers and whose it is."""
    page = (await admin.get("/silences", params={"covers": 'rule="tool-errors"', "team": "platform"})).text
    assert 'value="rule=&#34;tool-errors&#34;"' in page


WINDOW = {"covers": "gateway=prod", "starts": "2025-11-24T18:00", "lasts": "90m", "reason": "patches"}


async def test_window_planned(admin: httpx.AsyncClient, respond: Respond) -> None:
    """Its clocks are the reader's, unless a zone is named; it comes again as it is said."""
    admin.cookies.update(BERLIN)
    answer = await sent(admin, "/maintenance", **WINDOW, team="payments", repeats="weekly")
    body = last_body(respond)
    assert said(answer) == "The window is planned."
    assert (body["starts"], body["time_zone"], body["repeats"]) == (
        "2025-11-24 18:00",
        "Europe/Berlin",
        "weekly",
    )


async def test_window_preview(admin: httpx.AsyncClient, history: History) -> None:
    """What it would cover now, and when it is open next, across the clocks' change, in the reader's zone."""
    history.alert("a")
    text = (
        await sent(
            admin, "/maintenance/preview", covers="gateway=prod", starts="2026-03-27T10:00", lasts="1h",
            time_zone="Europe/Berlin", repeats="weekly",
        )
    ).text  # fmt: skip
    assert "<strong>1</strong> of 1" in text
    assert "2026-03-27 09:00</time> to" in text
    assert "2026-04-03 08:00</time> to" in text


async def test_windows_that_are_open_and_coming(admin: httpx.AsyncClient, respond: Respond) -> None:
    """An open one can be ended, which ends that occurrence; a coming one says when it is next."""
    made = await put(admin, "maintenance", "now", "payments", starts="2025-11-24 15:30")
    await put(admin, "maintenance", "later", "payments", starts="2025-11-26 15:30", repeats="daily")
    await put(admin, "maintenance", "over", "payments", starts="2025-11-20 15:30")
    page = (await admin.get("/maintenance")).text
    active, _, rest = page.partition("<h3>Coming</h3>")
    coming, _, past = rest.partition("Over for good (1)")
    assert ("<bdi>now</bdi>" in active, "17:00:00</time>" in active, "End now" in active) == (
        True,
        True,
        True,
    )
    assert all(words in coming for words in ("<bdi>later</bdi>", "Wed 26 Nov 15:30", "Thu 27 Nov 15:30"))
    assert "<bdi>over</bdi>" in past
    await sent(admin, f"/maintenance/{made['id']}/end")
    assert last_body(respond)["ended"] == "2025-11-24T16:00:00.000Z"
