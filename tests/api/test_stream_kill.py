"""The API is killed while many follow its stream: each goes on from its Last-Event-ID, nothing missed or doubled."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from tests.api.conftest import History
from tests.api.followers import ApiProcess, Follower
from tests.patience import PATIENCE

READERS, PARTS, CHANGES = 6, 2, 30  # `python -m tests.bench streams` does it with 200 readers


async def test_nothing_is_missed(history: History, tmp_path: Path) -> None:
    """A kill amid a burst; while the process is away more happens, which comes as well, in order and once."""
    api = ApiProcess(tmp_path)
    last = PARTS * CHANGES
    followers = [Follower() for _ in range(READERS)]
    await api.start()
    try:
        headers = {"Authorization": f"Bearer {api.token}"}
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        async with httpx.AsyncClient(
            base_url=api.address, headers=headers, limits=limits, timeout=PATIENCE, trust_env=False
        ) as client:
            reading = asyncio.gather(*(one.follow(client, last) for one in followers))
            for part in range(PARTS):
                history.write(*(history.change(f"a{part}-{n}") for n in range(CHANGES // 2)))
                await reached(followers, part * CHANGES + 1)
                if part < PARTS - 1:
                    api.kill()
                history.write(*(history.change(f"b{part}-{n}") for n in range(CHANGES // 2)))
                if part < PARTS - 1:
                    await api.start()
            async with asyncio.timeout(PATIENCE):
                await reading
    finally:
        api.kill()
    assert [one.got for one in followers] == [list(range(1, last + 1))] * READERS
    assert all(one.came_back >= PARTS - 1 and not one.resets for one in followers)


async def reached(followers: list[Follower], sequence: int) -> None:
    """Until each has the event with this id."""
    async with asyncio.timeout(PATIENCE):
        while any(not one.got or one.got[-1] < sequence for one in followers):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
