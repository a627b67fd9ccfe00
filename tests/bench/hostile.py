"""How long one hostile request holds the event loop, of everything that a route may be sent, as large as it may be.

The time is the processor's, of the loop's own thread, between two turns of a task that asks for one again and again: so
long everybody else has to wait, were the machine not busy with other things.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from sqlalchemy import URL

from api.http.app import create
from api.queries.database import Database, reader
from tests.api.conftest import MEMBER, Broker, History, Respond, wired
from tests.api.hostile import Hostile, answered, requests
from tests.bench.options import Options

WORST = 12  # requests that are shown


def measure(options: Options) -> dict[str, Any]:
    """All requests one after the other: the longest turns, and of which requests."""
    return asyncio.run(_measured(options))


async def _measured(options: Options) -> dict[str, Any]:
    options.folder.mkdir(parents=True, exist_ok=True)
    file = options.folder / "history.sqlite"
    history, broker = History(file), Broker()
    database = Database(reader(URL.create("sqlite", database=str(file))))
    deps = wired(options.folder, database, Respond(history), broker)
    app, token = create(deps), deps.tokens.issue(MEMBER, int(time.time()), 86_400)
    turns: list[tuple[float, str]] = []
    for request in requests():
        turn = await _longest_turn(answered(app, token, request))
        turns.append((round(turn * 1e3, 1), _name(request)))
    turns.sort(reverse=True)
    worst = {name: turn for turn, name in turns[:WORST]}
    return {"requests": len(turns), "longest_turn_ms": turns[0][0], "worst_ms": worst}


def _name(request: Hostile) -> str:
    return f"{request.method} {request.path}: {request.kind}, {len(request.body or request.query.encode())} bytes"


async def _longest_turn(work: Any) -> float:
    """Seconds of the loop's thread between two turns of another task, at most, while the work is done."""
    running, longest, last = asyncio.ensure_future(work), 0.0, time.thread_time()
    while not running.done():
        await asyncio.sleep(0)
        now = time.thread_time()
        longest, last = max(longest, now - last), now
    await running
    return longest
