"""What is bounded, remembered for a while, or refused before it starts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.cached import Cached
from api.dependencies import Dependencies
from api.health.recent_watch import CachedWatch
from api.http.body_limit import LARGEST, VALUES
from streams.errors import Refused
from streams.messages.command import Command, Principal, Resolve


async def test_large_body(admin: httpx.AsyncClient) -> None:
    """A body over the bound is refused by its announced length."""
    answer = await admin.post("/v1/rules", content=b"x" * (LARGEST + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize(("values", "status"), [(VALUES, 422), (VALUES + 1, 413)])
async def test_many_values(admin: httpx.AsyncClient, values: int, status: int) -> None:
    """A body of more values than a request may hold is not read, however few bytes they are."""
    body = f'{{"documents":[{"0," * values}0]}}'
    answer = await admin.post("/v1/plan", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, "200000 values" in answer.text) == (status, status == 413)


async def test_endless_body(admin: httpx.AsyncClient) -> None:
    """A body without a length ends where it is too long."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * (LARGEST // 8)

    answer = await admin.post("/v1/rules", content=endless())
    assert answer.status_code >= 400


async def test_long_field(admin: httpx.AsyncClient, respond: Any) -> None:
    """A field over its bound is named with it, and nothing is sent."""
    rule = {"name": "r", "last": "cpu", "above": 1, "description": "x" * 200_000}
    answer = await admin.post("/v1/rules", json=rule)
    assert (answer.status_code, "`description`" in answer.text, respond.sent) == (422, True, [])


async def test_large_command(dependencies: Dependencies, respond: Any) -> None:
    """What would not fit into a row is refused before it is sent, whatever its fields allow by themselves."""
    note = Command(
        id="c1", at=1, team="t", by=Principal(name="ana"), action=Resolve(alert="a", notes="x" * 200_000)
    )
    with pytest.raises(Refused, match="shorten it"):
        await dependencies.command_client.ask(note)
    assert respond.sent == []


async def test_long_trial(admin: httpx.AsyncClient) -> None:
    """A trial that spans weeks is refused, since its time is played tick by tick."""
    samples = [{"at": at, "series": "cpu", "value": 1} for at in ("0s", "30d")]
    rule = {"name": "r", "last": "cpu", "above": 1}
    answer = await admin.post("/v1/rules/test", json={"rule": rule, "samples": samples})
    assert (answer.status_code, "spans at most 7d" in answer.text) == (422, True)


async def test_memory() -> None:
    """What was fetched is good for a while, then it is fetched anew; a failure is not remembered."""
    now, calls = [0.0], []

    async def fetch() -> int:
        calls.append(now[0])
        return len(calls)

    memory: Cached[int] = Cached(3.0, lambda: now[0])
    assert [await memory.get(fetch), await memory.get(fetch)] == [1, 1]
    now[0] = 3.0
    assert await memory.get(fetch) == 2


async def test_what_fails_fails_for_all_who_wait() -> None:
    """Else each of them would wait for a failure of its own, one after the other."""
    calls, answers = list[int](), asyncio.Event()

    async def fetch() -> int:
        calls.append(1)
        await answers.wait()
        raise OSError("away")

    memory: Cached[int] = Cached()
    waiting = [asyncio.create_task(memory.get(fetch)) for _ in range(3)]
    await asyncio.sleep(0)
    answers.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert ([type(outcome) for outcome in outcomes], len(calls)) == ([OSError] * 3, 1)


async def test_recent(broker: Any) -> None:
    """A watch that is asked often looks once."""
    recent = CachedWatch(broker)
    assert await recent.reachable() == ""
    broker.why = "gone"
    assert await recent.reachable() == ""
    assert await recent.lag({}) == []
