"""The live stream: what it carries, to whom, and that nothing is missed on the way back."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from fastapi.sse import ServerSentEvent
from sqlalchemy import create_engine
from sqlalchemy.event import listen

from api.http.app import create
from api.queries import stream as reading
from api.queries.position import projected
from api.routes.stream import follow, place
from streams.messages.command import Principal
from tests.api.conftest import NOW
from tests.patience import PATIENCE


async def take(stream: AsyncIterator[ServerSentEvent], count: int) -> list[ServerSentEvent]:
    """The first events, comments left out."""
    found: list[ServerSentEvent] = []
    async for event in stream:
        found += [event] if event.event else []
        if len(found) == count:
            return found
    return found


async def test_alert(history: Any, database: Any) -> None:
    """An alert's change comes as the alert, in the list's shape, and as what happened."""
    history.alert("a")
    alert, change = await take(follow(database, None, 0, 0.01), 2)
    assert (alert.event, alert.data["id"], alert.data["reason"]) == ("alert", "a", "fired for a reason")
    assert (change.event, change.id, change.data["what"]) == ("change", "1", "fired")


async def test_resume(history: Any, database: Any) -> None:
    """Who comes back with the last sequence gets all that came since, once."""
    for n in range(4):
        history.alert(f"a{n}")
    events = await take(follow(database, None, 2, 0.01), 4)
    assert [event.id for event in events if event.event == "change"] == ["3", "4"]


async def test_burst(history: Any, database: Any) -> None:
    """Several changes of one alert in one look show it once, as it is now."""
    history.alert("a")
    history.alert("a", "resolved", status="resolved", version=2)
    events = await take(follow(database, None, 0, 0.01), 3)
    assert [event.event for event in events] == ["change", "alert", "change"]
    assert events[1].data["status"] == "resolved"


async def test_teams(history: Any, database: Any) -> None:
    """Nobody hears of another team's changes."""
    history.alert("theirs", team="search")
    history.alert("ours")
    alert, _ = await take(follow(database, ["payments"], 0, 0.01), 2)
    assert alert.data["id"] == "ours"


async def test_reset(history: Any, database: Any) -> None:
    """Who comes back from a place that is not kept is told to read the list again."""
    history.alert("a")
    events = await take(follow(database, None, 99, 0.01), 1)
    assert (events[0].event, events[0].data) == ("reset", {"sequence": 1})


@pytest.mark.parametrize("last", [None, "", "²", "-1", "9" * 5000])
def test_what_is_no_sequence(last: str | None) -> None:
    """A Last-Event-ID that we did not give is passed over."""
    assert (place(last, 3), place("7", 3)) == (3, 7)


async def test_http(served: str, dependencies: Any, history: Any) -> None:
    """Over HTTP the browser's Last-Event-ID wins over the address, and events are as the standard has them."""
    history.alert("a")
    history.alert("b")
    headers = {"Last-Event-ID": "1", "Authorization": f"Bearer {bearer(dependencies)}"}
    async with (
        httpx.AsyncClient(base_url=served, trust_env=False) as client,
        client.stream("GET", "/v1/stream?after=0", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        data = [line async for line in first(answer.aiter_lines(), "data: ")]
    assert json.loads(data[0].removeprefix("data: "))["id"] == "b"


async def first(lines: AsyncIterator[str], mark: str) -> AsyncIterator[str]:
    """The first line that begins so."""
    async for line in lines:
        if line.startswith(mark):
            yield line
            return


def bearer(dependencies: Any) -> str:
    """A token of an administrator."""
    return str(dependencies.tokens.issue(Principal(name="ada", admin=True), int(time.time()), 60))


async def test_session_ends(history: Any, dependencies: Any) -> None:
    """A stream ends with the session that opened it, however long its reader stays."""
    history.alert("a")
    token = dependencies.tokens.issue(Principal(name="ada", admin=True), int(time.time()), 60)
    transport = httpx.ASGITransport(create(replace(dependencies, now=lambda: (int(time.time()) + 61) * 1000)))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://tocsin", headers=headers) as one:
        answer = await one.get("/v1/stream?after=0", timeout=PATIENCE)
    assert (answer.status_code, "event: alert" in answer.text) == (200, False)


async def test_a_renewed_value_comes(history: Any, database: Any) -> None:
    """It moves the alert's row and has no line of the timeline: the alert comes all the same, once, and to its team."""
    history.alert("a", value=1.0)
    history.alert("theirs", team="search")
    stream = follow(database, ["payments"], None, 0.01)
    first = anext(stream)
    await first
    history.alert("theirs", "renewed", team="search", value=5.0, version=2)
    moved = history.change("a", "renewed", value=2.0, version=2)
    history.write(msgspec.structs.replace(moved, at=NOW + 1))
    history.alert("b")
    found = {(event.event, event.data.get("id")) for event in await take(stream, 3)}
    assert ("alert", "a") in found
    assert [name for name, id in found if id == "theirs"] == []


async def test_renewed_values_come_in_portions(history: Any, database: Any) -> None:
    """However many there are, and in whatever partition they stand, each is shown once."""
    history.write(*(history.change(f"a{number}", value=1.0) for number in range(7)))
    since = await database.read(projected)
    again = [history.change(f"a{number}", "renewed", value=2.0, version=2) for number in range(7)]
    history.write(*(msgspec.structs.replace(change, at=NOW + 1) for change in again))
    found: list[str] = []
    for _ in range(4):
        alerts, since = await database.read(partial(reading.renewed, since=since, teams=None, limit=3))
        found += [alert["id"] for alert in alerts]
    assert sorted(found) == [f"a{number}" for number in range(7)]


async def test_what_comes_between_two_questions_comes_once(history: Any, database: Any) -> None:
    """Whatever is written while the timeline is looked at, each entry is told once: a look has one state."""
    history.alert("a")
    engine, late = database._engine, ["c", "b"]

    def write(*_: Any) -> None:
        if late:
            history.alert(late.pop())

    listen(engine, "after_cursor_execute", write)
    told: list[int] = []
    at = 0
    for _ in range(4):
        entries, at = await database.read(partial(reading.after, sequence=at, teams=None, limit=100))
        told += [entry.sequence for entry in entries]
    assert told == [1, 2, 3]


async def test_a_look_that_has_two_states_doubles_nothing(history: Any, tmp_path: Path) -> None:
    """Where the newest entry is older than the last that was read, it goes on after the latter."""
    history.alert("a")
    made = create_engine(f"sqlite:///{tmp_path / 'history.sqlite'}")
    listen(made, "after_cursor_execute", lambda *_: history.next < 2 and history.alert("b"))
    with made.connect() as connection:
        entries, at = reading.after(connection, 0, None, 100)
        assert ([entry.sequence for entry in entries], at) == ([1, 2], 2)
        assert reading.after(connection, at, None, 100) == ([], 2)
    made.dispose()
