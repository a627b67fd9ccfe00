"""Logins become events once each, from where the bridge began to watch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sources.bridge.auth_log import AGAIN, AuthLog
from sources.bridge.bridge import Bridge, Extras
from sources.bridge.list_cursor import ListCursor
from sources.contextforge.answer import Answer, Garbage
from sources.contextforge.client import AUTH_EVENTS, AUTH_PAGE, Client
from streams.messages.envelope import decode
from streams.messages.event import Event
from tests.sources.conftest import Clock, ScriptedGateway


def record(id: int, **changes: Any) -> dict[str, Any]:
    """A row of the gateway: a login with a wrong password."""
    row = {
        "id": id,
        "timestamp": "2026-12-07T09:00:00.250000",
        "user_email": "ada@example.com",
        "event_type": "login",
    }
    return row | {"success": False, "ip_address": "192.0.2.7", "failure_reason": "Invalid password"} | changes


def says(gateway: ScriptedGateway, *pages: list[dict[str, Any]]) -> None:
    """These pages, one question after the other."""
    gateway.answers[AUTH_EVENTS] = [httpx.Response(200, json=page) for page in pages]


def auth_log(moved: Callable[[ListCursor], None] = lambda cursor: cursor.settle(arrived=True)) -> AuthLog:
    """The log of prod, never looked at; what it moves to is kept at once."""
    return AuthLog("prod", ListCursor("prod", "bridge/auth", moved, settled=True))


async def news(log: AuthLog, client: Client, at: int = 0) -> list[Event]:
    """What one look brings."""
    return [Event.read(decode(raw)) for raw in await log.news(client, at)]


async def test_what_was_before_is_not_told_what_comes_is_told_once(
    client: Client, gateway: ScriptedGateway
) -> None:
    """The first look finds the end of the log; then each record is one event, the oldest first, at its instant."""
    log = auth_log()
    says(gateway, [record(7)], [record(9), record(8), record(7)], [record(9), record(8), record(7)])
    assert await news(log, client) == []
    one, two = await news(log, client)
    assert (one.id, two.id, one.at, one.gateway, one.type) == (
        "prod/auth/8", "prod/auth/9", 1_796_634_000_250, "prod", "login",
    )  # fmt: skip
    assert one.labels == {
        "user": "ada@example.com", "ip": "192.0.2.7", "success": "false", "failure_reason": "Invalid password",
    }  # fmt: skip
    assert await news(log, client) == []


async def test_an_empty_log_tells_its_very_first_record(client: Client, gateway: ScriptedGateway) -> None:
    """Where there was nothing before, all is new; what is not known is left out."""
    log = auth_log()
    locked = record(1, event_type="ACCOUNT_LOCKED", success=True, failure_reason=None, ip_address=None)
    says(gateway, [], [locked])
    assert await news(log, client) == []
    (event,) = await news(log, client)
    assert (event.type, event.labels) == ("ACCOUNT_LOCKED", {"user": "ada@example.com", "success": "true"})


async def test_many_at_once_are_read_page_by_page(client: Client, gateway: ScriptedGateway) -> None:
    """Records that come while pages are read move the others on: each is one event all the same."""
    log = auth_log()
    first = [record(id) for id in range(150, 150 - AUTH_PAGE, -1)]
    second = [record(id) for id in range(52, 0, -1)]  # two of the first page again
    says(gateway, [record(20)], first, second)
    await news(log, client)
    assert [event.id for event in await news(log, client)] == [f"prod/auth/{id}" for id in range(21, 151)]
    assert [request.url.params["offset"] for request in gateway.asked] == ["0", "0", "100"]


async def test_a_log_that_is_refused_is_asked_for_seldom(
    client: Client, gateway: ScriptedGateway, clock: Clock
) -> None:
    """Many tokens may not read it: it is asked for seldom, and no telemetry counts as lost."""
    gateway.says(AUTH_EVENTS, 403, {"detail": "Access denied"})
    said: list[bytes] = []
    extras = Extras(logins=auth_log())
    bridge = Bridge(
        "prod", client, lambda _, __, bodies: said.extend(bodies), clock.milliseconds, 15_000, extras
    )
    for _ in range(3):
        await bridge.once()
        clock.now += 15
    assert gateway.paths.count(AUTH_EVENTS) == 1
    assert b"telemetry_lost" not in b"".join(said)
    clock.now += AGAIN / 1000
    says(gateway, [record(3)])
    await bridge.once()
    says(gateway, [record(4)])
    await bridge.once()
    assert b'"prod/auth/4"' in said[-1]


async def test_it_is_read_on_where_whoever_polled_before_left_it(
    client: Client, gateway: ScriptedGateway
) -> None:
    """What came while nobody polled is told; before the cursor is known nothing is asked."""
    cursor = ListCursor("prod", "bridge/auth", lambda cursor: cursor.settle(arrived=True))
    log = AuthLog("prod", cursor)
    assert await news(log, client) == []
    assert gateway.paths == []
    cursor.position, cursor.settled = 7, True
    says(gateway, [record(9), record(8), record(7)])
    assert [event.id for event in await news(log, client)] == ["prod/auth/8", "prod/auth/9"]


async def test_what_has_not_arrived_is_read_again(client: Client, gateway: ScriptedGateway) -> None:
    """Nothing is read on before Kafka has the last news; where they were given up they are read again."""
    moved: list[ListCursor] = []
    log = auth_log(moved.append)
    says(gateway, [record(7)], [record(8), record(7)], [record(9), record(8), record(7)])
    await news(log, client)
    moved[-1].settle(arrived=True)
    assert [event.id for event in await news(log, client)] == ["prod/auth/8"]
    assert await news(log, client) == []
    moved[-1].settle(arrived=False)
    assert [event.id for event in await news(log, client)] == ["prod/auth/8", "prod/auth/9"]


async def test_a_log_that_begins_anew_is_begun_anew(client: Client, gateway: ScriptedGateway) -> None:
    """A gateway that has another database counts from one again: that log's end is found, and what comes is told."""
    log = auth_log()
    says(gateway, [record(70)], [record(2), record(1)], [record(3), record(2)])
    assert await news(log, client) == []
    assert await news(log, client) == []
    assert [event.id for event in await news(log, client)] == ["prod/auth/3"]


@pytest.mark.parametrize(
    "body", [{}, [1], [{"id": 1}], [record(1, timestamp="now")], [record(1) | {"id": "x"}]]
)
async def test_what_is_no_log_is_garbage(client: Client, gateway: ScriptedGateway, body: Any) -> None:
    """Something else answers there: it is a value, and nothing is raised."""
    gateway.says(AUTH_EVENTS, 200, body)
    assert isinstance(await client.auth_events(0), Garbage)
    gateway.says(AUTH_EVENTS, 200, [])
    assert await client.auth_events(0) == Answer([])
