"""Two hundred readers of the live stream, and kills of the API under a steady stream of changes: what each has missed.

The API is a process of its own on a read model in a file; changes are written as the projection writes them.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx

from tests.api.conftest import History
from tests.api.followers import ApiProcess, Follower
from tests.bench.options import Options

READERS, CHANGES, KILLS = 200, 240, 3
HANG = 400.0  # seconds after which it hangs, on a machine that does other things as well
PAUSE = 0.05  # seconds between two writes
AT_ONCE = 1  # changes of one


def measure(options: Options) -> dict[str, Any]:
    """How many readers have every change once and in order, and how often they came back."""
    options.folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_measured(options))


async def _measured(options: Options) -> dict[str, Any]:
    history, api = History(options.folder / "history.sqlite"), ApiProcess(options.folder)
    followers = [Follower() for _ in range(READERS)]
    await api.start()
    try:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        headers = {"Authorization": f"Bearer {api.token}"}
        async with httpx.AsyncClient(
            base_url=api.address, headers=headers, limits=limits, timeout=HANG, trust_env=False
        ) as client:
            reading = asyncio.gather(*(one.follow(client, CHANGES) for one in followers))
            killing = asyncio.create_task(_kill(api))
            for number in range(0, CHANGES, AT_ONCE):
                some = [history.change(f"a{number + n}") for n in range(AT_ONCE)]
                await asyncio.to_thread(history.write, *some)
                await asyncio.sleep(PAUSE)
            away = await killing
            written = time.monotonic()
            async with asyncio.timeout(HANG):
                await reading
    finally:
        api.kill()
    whole = sum(one.got == list(range(1, CHANGES + 1)) for one in followers)
    return {
        "readers": READERS, "changes": CHANGES, "kills": KILLS, "whole_and_in_order": whole,
        "resets": sum(one.resets for one in followers),
        "came_back_least": min(one.came_back for one in followers),
        "seconds_away": away, "level_again_after_s": round(time.monotonic() - written, 2),
    }  # fmt: skip


async def _kill(api: ApiProcess) -> list[float]:
    """Kill it now and then, and start it again; for how long it was away each time, in seconds."""
    away: list[float] = []
    for _ in range(KILLS):
        await asyncio.sleep(2.0)
        began = time.monotonic()
        await asyncio.to_thread(api.kill)
        await api.start()
        away.append(round(time.monotonic() - began, 2))
    return away
