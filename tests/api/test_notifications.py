"""What one's teams were told: listed, read and unread by person, and live without a gap."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from fastapi.sse import ServerSentEvent

from api.queries.database import Database
from api.queries.notifications import PURPOSES, NotificationReader
from api.routes.notifications import follow
from api.routes.page import STATIC
from streams.messages.change import Change
from streams.messages.command import Principal
from tests.api.conftest import NOW, Client, History


def told(history: History, name: str, team: str = "payments", what: str = "firing", **fields: Any) -> None:
    """A notification of a group."""
    usual: dict[str, Any] = {
        "group": "g1",
        "reason": "anna: first alert",
        "reason_code": "first_alert",
        "at": NOW,
    }
    history.write(
        Change(id=name, team=team, subject="notification", subject_id="g1", what=what, **usual | fields)
    )


async def sequences(client: httpx.AsyncClient, **asked: Any) -> list[int]:
    """The sequences of the list."""
    return [one["sequence"] for one in (await client.get("/v1/notifications", params=asked)).json()["items"]]


async def test_list(member: httpx.AsyncClient, history: History) -> None:
    """Newest first, with the alert that moved last; what was not told, and what others were told, is not in it."""
    history.alert("a", severity="critical")
    told(history, "n1")
    told(history, "n2", what="not sent")
    told(history, "n3", team="search")
    told(history, "n4", what="resolved", group="elsewhere")
    answer = (await member.get("/v1/notifications")).json()
    assert [(one["id"], one["title"], one["read"]) for one in answer["items"]] == [
        ("n4", "resolved", False),
        ("n1", "a is wrong", False),
    ]
    one = answer["items"][1]
    assert (one["alert_id"], one["severity"], one["rule"], one["reason_code"], one["at"]) == (
        "a", "critical", "tool-errors", "first_alert", "2025-11-24T16:00:00.000Z",
    )  # fmt: skip
    assert (answer["unread"], answer["sequence"], answer["next_cursor"]) == (2, 5, None)


async def test_a_group_of_the_second_route_has_its_rules(member: httpx.AsyncClient, history: History) -> None:
    """A group that is no alert's first one is titled by the rules that it holds."""
    history.alert("a", groups=["g1", "g2"])
    told(history, "n1", group="g2")
    (one,) = (await member.get("/v1/notifications")).json()["items"]
    assert (one["title"], one["alert_id"]) == ("tool-errors", None)


async def test_read_and_unread(client: Client, history: History) -> None:
    """Each person's marks are their own, of their own teams; single ones, or all up to one, and back."""
    for number in range(4):
        told(history, f"n{number}")
    told(history, "theirs", team="search")
    mo, eve = (
        client(Principal(name="mo", teams=("payments",))),
        client(Principal(name="eve", teams=("payments",))),
    )
    assert (await mo.post("/v1/notifications/read", json={"sequences": [2, 5, 99]})).json() == {"unread": 3}
    assert await sequences(mo, unread=True) == [4, 3, 1]
    assert (await mo.post("/v1/notifications/read", json={"through": 3})).json() == {"unread": 1}
    assert (await mo.post("/v1/notifications/read", json={"through": 1})).json() == {"unread": 1}
    assert await sequences(mo, unread=True) == [4]
    back = {"sequences": [2], "read": False}
    assert (await mo.post("/v1/notifications/read", json=back)).json() == {"unread": 2}
    assert await sequences(mo, unread=True) == [4, 2]
    assert [one["read"] for one in (await mo.get("/v1/notifications")).json()["items"]] == [
        False,
        True,
        False,
        True,
    ]
    assert (await eve.get("/v1/notifications")).json()["unread"] == 4
    both = client(Principal(name="mo", teams=("payments", "search")))
    assert await sequences(both, unread=True, team="search") == [5]  # which mo could not mark before


async def test_pages(member: httpx.AsyncClient, history: History) -> None:
    """Each comes once, whatever is told meanwhile."""
    for number in range(5):
        told(history, f"n{number}")
    first = (await member.get("/v1/notifications", params={"limit": 2})).json()
    told(history, "later")
    rest = await sequences(member, limit=9, cursor=first["next_cursor"])
    assert [one["sequence"] for one in first["items"]] + rest == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "say either `sequences` or `through`"),
        ({"sequences": [1], "through": 2}, "say either `sequences` or `through`"),
        ({"through": 2, "read": False}, "name single ones in `sequences`"),
        ({"sequences": [0]}, "`sequences"),
        ({"ids": [1]}, "no field `ids`"),
    ],
)
async def test_wrong(member: httpx.AsyncClient, body: dict[str, Any], words: str) -> None:
    """What cannot be meant is refused with the field."""
    answer = await member.post("/v1/notifications/read", json=body)
    assert (answer.status_code, words in answer.json()["detail"]) == (422, True), answer.text


async def test_live(member: httpx.AsyncClient, history: History, database: Database) -> None:
    """Whoever comes back with the last sequence misses nothing, and each is as the list shows it."""
    for number in range(3):
        history.alert(f"a{number}")
        told(history, f"n{number}", team="search" if number == 1 else "payments")
    reader = NotificationReader("mo@example.com", ["payments"])
    events = await taken(database, reader, 0, 2)
    listed = (await member.get("/v1/notifications")).json()["items"]
    assert [event.data for event in events] == list(reversed(listed))
    assert [event.id for event in events] == ["2", "6"]
    assert [event.data["id"] for event in await taken(database, reader, 2, 1)] == ["n2"]
    (reset,) = await taken(database, reader, 99, 1)
    assert (reset.event, reset.data) == ("reset", {"sequence": 6})


async def taken(
    database: Database, reader: NotificationReader, begin: int, count: int
) -> list[ServerSentEvent]:
    """The first events, comments left out."""
    found: list[ServerSentEvent] = []
    async for event in follow(database, reader, begin, 0.01):
        found += [event] if event.event else []
        if len(found) == count:
            break
    return found


def test_command_line(tocsin: Any, history: History) -> None:
    """The list from a terminal, and all of it read."""
    history.alert("a", message="disk \x1b[2J full")
    told(history, "n1")
    code, said = tocsin("notifications", "list")
    assert (code, "● 2025-11-24 16:00:00  disk \\x1b[2J full" in said, "1 unread" in said) == (0, True, True)
    assert tocsin("notifications", "read") == (0, "0 unread\n")
    assert "1 unread" not in tocsin("notifications", "list")[1]


def test_the_page_looks_again_for_each_purpose() -> None:
    """Whatever the list may hold is news for its bell."""
    (purposes,) = re.findall(r"^const TOLD = (.*);$", (STATIC / "main.js").read_text(), re.MULTILINE)
    assert tuple(json.loads(purposes)) == PURPOSES
