"""Connections: half of a request is not waited for for ever, idle ones outlast clients' pools, streams are bounded."""

from __future__ import annotations

import asyncio
import inspect
import socket
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from api.dependencies import Dependencies
from api.http import serve
from api.http.app import create
from api.http.body_limit import BodyLimit
from api.http.protocol import KEEP_ALIVE, HastyProtocol
from api.stream_places import ALL, EACH, StreamPlaces
from streams.codes import RefusalCode
from streams.errors import Refused
from tests.api.conftest import ADMIN, History
from tests.api.served import served
from tests.patience import PATIENCE

BURST = 60  # requests


class Hasty(HastyProtocol):
    """The protocol with so little patience that a test sees its end."""

    head_timeout = 0.1


@pytest.fixture
async def port(dependencies: Dependencies) -> AsyncIterator[int]:
    """The application behind such a protocol; its port."""
    async with served(dependencies, http=Hasty) as number:
        yield number


LIVE = b"GET /health/live HTTP/1.1\r\nHost: tocsin\r\n\r\n"


@pytest.mark.parametrize("half", [b"", b"GET /health", LIVE[:-2]], ids=["nothing", "a line", "a head"])
async def test_half_a_request(port: int, half: bytes) -> None:
    """A connection on which no whole head comes is closed, also where a whole request has come before."""
    for before in (b"", LIVE):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        if before:
            writer.write(before)
            assert b"200" in await asyncio.wait_for(reader.readline(), PATIENCE)
        elif not half:
            assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        writer.write(half)
        if half:
            await asyncio.wait_for(reader.read(), PATIENCE)
            assert reader.at_eof()
        writer.close()


async def test_a_whole_head_is_answered_however_long_that_takes(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deadline is for the head alone."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in (LIVE[:10], LIVE[10:]):
        writer.write(piece)
        await asyncio.sleep(0)
    assert b"200" in await asyncio.wait_for(reader.readline(), PATIENCE)
    writer.close()


async def test_half_a_body() -> None:
    """Whoever does not go on with a body has gone; after a whole one the end of the connection is waited for."""
    seen: list[str] = []

    async def app(_: Scope, receive: Receive, __: Send) -> None:
        try:
            while (await receive()).get("more_body"):
                pass
            seen.append((await receive())["type"])
        except ClientDisconnect:
            seen.append("gone")

    async def sent(message: Message) -> None:
        """Nothing is answered here."""

    def receiving(*messages: Message, then: float) -> Receive:
        left = list(messages)

        async def receive() -> Message:
            if left:
                return left.pop(0)
            await asyncio.sleep(then)
            return {"type": "http.disconnect"}

        return receive

    scope: Any = {"type": "http", "path": "/v1/rules", "headers": [(b"content-length", b"9")]}
    half, whole = ({"type": "http.request", "body": b"{", "more_body": more} for more in (True, False))
    await BodyLimit(app, timeout=0.05)(scope, receiving(half, then=PATIENCE), sent)
    await BodyLimit(app, timeout=0.0)(scope, receiving(whole, then=0.05), sent)
    assert seen == ["gone", "http.disconnect"]


async def test_a_burst_of_acknowledgements_on_connections_that_are_used_again(
    dependencies: Dependencies, history: History
) -> None:
    """Fifty connections, each used several times with the server's own patience: every request has its answer."""
    for number in range(BURST):
        history.alert(f"a{number}", groups=(f"g{number}",))
    token = dependencies.tokens.issue(ADMIN, int(time.time()), 600)
    taken = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create(dependencies), log_level="critical", http=HastyProtocol, timeout_keep_alive=KEEP_ALIVE
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([taken]))
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{taken.getsockname()[1]}", headers={"Authorization": f"Bearer {token}"},
        limits=httpx.Limits(max_connections=50), timeout=PATIENCE, trust_env=False,
    ) as client:  # fmt: skip
        asked = [client.post(f"/v1/alerts/a{number}/acknowledge") for number in range(BURST)]
        answers = await asyncio.gather(*asked)
    server.should_exit = True
    await serving
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert len(answers) == BURST


def test_idle_connections_outlast_the_pools_of_clients() -> None:
    """A client gives up an idle connection first: else it would send on one that is being closed."""
    pool = inspect.signature(httpx.Limits).parameters["keepalive_expiry"].default
    assert pool is not None
    assert 10 * pool < KEEP_ALIVE
    assert "timeout_keep_alive=KEEP_ALIVE" in inspect.getsource(serve)


def test_places() -> None:
    """One person follows so many streams, all together so many more; what ends makes room."""
    places = StreamPlaces()
    with ExitStack() as held, places.taken("ada"):
        for _ in range(EACH - 2):
            held.enter_context(places.taken("ada"))
        with places.taken("ada"):
            with pytest.raises(Refused, match="you follow") as why:
                places.require("ada")
            assert why.value.code is RefusalCode.OVERLOADED
            places.require("ben")
        places.require("ada")
        for n in range(ALL - EACH + 1):
            held.enter_context(places.taken(f"p{n}"))
        with pytest.raises(Refused, match="live streams are open"):
            places.require("ben")
    places.require("ben")


@pytest.mark.parametrize("path", ["/v1/stream", "/v1/notifications/stream"])
async def test_a_stream_without_a_place(
    admin: httpx.AsyncClient, dependencies: Dependencies, path: str
) -> None:
    """It is refused before it begins, with when to try again."""
    with ExitStack() as held:
        for n in range(ALL):
            held.enter_context(dependencies.streams.taken(f"p{n}"))
        answer = await admin.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
