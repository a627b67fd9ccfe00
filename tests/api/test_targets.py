"""Whatever a client asks for instead of a path is answered as what is not there, with and without a token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from api.dependencies import Dependencies
from tests.api.conftest import ADMIN
from tests.api.served import served
from tests.patience import PATIENCE


@pytest.fixture
async def port(dependencies: Dependencies) -> AsyncIterator[int]:
    """The application as it is served; its port."""
    async with served(dependencies) as number:
        yield number


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(
    "line",
    [
        "OPTIONS * HTTP/1.1", "GET * HTTP/1.1", "PRI * HTTP/1.1", "GET http://evil.example/overview HTTP/1.1",
        "GET //evil.example/overview/ HTTP/1.1", "GET overview HTTP/1.1", "GET /overview%2f..%2f HTTP/1.1",
        "GET /%00 HTTP/1.1", "GET ?q=1 HTTP/1.1", "GET /v1/rules/../../etc/passwd HTTP/1.1", "BREW /overview HTTP/1.1",
    ],
)  # fmt: skip
async def test_odd_targets(port: int, dependencies: Dependencies, line: str, signed: bool) -> None:
    """It is no bug of ours, and leads nowhere else."""
    token = dependencies.tokens.issue(ADMIN, int(time.time()), 600)
    head = [
        line,
        "Host: tocsin",
        *([f"Authorization: Bearer {token}"] if signed else []),
        "Connection: close",
    ]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join([*head, "", ""]).encode())
    answer = (await asyncio.wait_for(reader.read(), PATIENCE)).decode(errors="replace")
    writer.close()
    status = int(answer.split()[1])
    assert status in range(200, 500), answer
    assert signed or status in (400, 401, 404), answer
    assert "location: http://evil" not in answer.lower()
