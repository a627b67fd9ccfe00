"""A live stream ends with the token that asked for it, also where nothing happens that it could tell."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from api.auth.token import Session
from api.dependencies import Dependencies
from streams.messages.command import Principal
from tests.patience import PATIENCE

WHO = Principal(name="mo", teams=("payments",))


@pytest.mark.parametrize("path", ["/v1/stream", "/v1/notifications/stream"])
async def test_revoked_while_all_is_quiet(served: str, dependencies: Dependencies, path: str) -> None:
    """It is closed by the server; another token's stream goes on."""
    now = int(time.time())
    mine, other = (Session(WHO, id_, now + 600) for id_ in ("mine", "other"))
    async with (
        httpx.AsyncClient(base_url=served, trust_env=False, timeout=PATIENCE) as client,
        asyncio.timeout(PATIENCE),
    ):
        headers = [
            {"Authorization": f"Bearer {dependencies.tokens.issued(each, now)}"} for each in (mine, other)
        ]
        async with (
            client.stream("GET", path, headers=headers[0]) as first,
            client.stream("GET", path, headers=headers[1]) as second,
        ):
            assert (first.status_code, second.status_code) == (200, 200)
            dependencies.revocations.add("mine", mine.expires, now)
            async for _ in first.aiter_bytes():
                pass
            assert not second.is_closed
