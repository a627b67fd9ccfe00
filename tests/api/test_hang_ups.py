"""Whoever hangs up, amid a question or amid an answer, leaves nothing in the log, and everybody else is served."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import pytest

from api.dependencies import Dependencies
from tests.api.conftest import ADMIN
from tests.api.served import served
from tests.patience import PATIENCE


@pytest.fixture
async def port(dependencies: Dependencies) -> AsyncIterator[int]:
    """The application as it is served; its port. It ends within the test, so that all of its log is there."""
    async with served(dependencies, log_level=None, log_config=None, timeout_graceful_shutdown=1) as number:
        yield number


def asked(method: str, path: str, token: str, *more: str) -> bytes:
    """The head of a request."""
    head = [f"{method} {path} HTTP/1.1", "Host: tocsin", f"Authorization: Bearer {token}", *more]
    return "\r\n".join([*head, "", ""]).encode()


async def test_nothing_is_logged(
    port: int, dependencies: Dependencies, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a body, a body that is cut, live streams, a report and a page that nobody reads to its end."""
    caplog.set_level(logging.WARNING)
    token = dependencies.tokens.issue(ADMIN, int(time.time()), 600)
    json = "Content-Type: application/json"
    halves = {
        "half a body": asked("POST", "/v1/rules", token, json, "Content-Length: 100") + b'{"name"',
        "half a form": asked("POST", "/documents/rules/check", token, "Content-Length: 100") + b"text=",
        "half a push": asked("POST", "/api/v1/write", token, "Content-Length: 100") + b"x",
        "half a chunk": asked("POST", "/v1/plan", token, json, "Transfer-Encoding: chunked") + b"20\r\n{",
        "a stream": asked("GET", "/v1/stream", token),
        "another stream": asked("GET", "/v1/notifications/stream", token),
        "a report": asked("GET", "/v1/history/report?format=csv", token),
        "a page": asked("GET", "/rules", token),
    }
    for name, raw in halves.items():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(raw)
        await writer.drain()
        if not name.startswith("half"):
            assert b"200" in await asyncio.wait_for(reader.readline(), PATIENCE), name
        writer.transport.abort()
    async with asyncio.timeout(PATIENCE):
        while b"tocsin_api_streams 0.0" not in dependencies.measures.text():  # it has noticed  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(asked("GET", "/health/live", token))
    assert b"200" in await asyncio.wait_for(reader.readline(), PATIENCE)
    writer.close()
    assert [record.getMessage() for record in caplog.records] == []
