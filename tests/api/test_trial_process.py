"""Trials are bounded in time and memory, end with who asked for them, and come in the order of asking."""

from __future__ import annotations

import asyncio
import multiprocessing
from threading import Event
from typing import Any

import httpx
import pytest

from api.trials.sample import BEGIN, Sample
from api.trials.trial import tried
from api.trials.trial_input import inputs
from api.trials.trial_process import GONE, MEMORY, TOO_LARGE, TOO_LONG, tried_apart
from api.trials.trial_queue import MOST, TrialQueue
from api.trials.trial_task import GivenInputs, TrialTask, bodies
from streams.codes import RefusalCode
from streams.documents.registry import read
from streams.errors import Refused
from tests.api.conftest import ADMIN
from tests.patience import PATIENCE

RULE = read("rule", {"name": "r", "last": "cpu", "above": "1.50", "for": "0s"})
DAYS = 6 * 86_400_000  # ms; a trial of that length takes many seconds


def work(*lengths: int, series: int = 1) -> TrialTask:
    """A trial with a value too high at each of these times after its beginning."""
    samples = [
        Sample(at=BEGIN + at, series=f'cpu{{n="{n}"}}', value=5.0)
        for at in (0, *lengths)
        for n in range(series)
    ]
    return TrialTask(bodies([RULE])[0], None, [], GivenInputs(*inputs("gw", samples)))


def test_the_same_as_here() -> None:
    """Another process says what this one would say."""
    task = work(1_000)
    assert isinstance(task.inputs, GivenInputs)
    assert tried_apart(task, Event()).after.tried == tried([RULE], *task.inputs)


def test_two_versions_go_on_together() -> None:
    """Each brings what it would bring alone; how far it is never goes back, and ends with 1."""
    other = read("rule", {"name": "r", "last": "cpu", "above": "9", "for": "0s"})
    task = work(1_000, 2_000)._replace(before=bodies([other])[0])
    told: list[float] = []
    outcome = tried_apart(task, Event(), told.append)
    assert isinstance(task.inputs, GivenInputs)
    assert outcome.before is not None
    assert [run.tried for run in (outcome.after, outcome.before)] == [
        tried([rule], *task.inputs) for rule in (RULE, other)
    ]
    assert (told == sorted(told), told[-1]) == (True, 1.0)


def test_one_of_two_fails() -> None:
    """The other one is not waited for, and why it failed is said."""
    broken = ("rule", {"name": "r"})
    began = work(DAYS, series=500)._replace(before=broken)
    with pytest.raises(Refused, match="say exactly one of last"):
        tried_apart(began, Event())
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    ("limits", "words"), [((1, MEMORY), TOO_LONG), ((60, 1 << 20), TOO_LARGE)], ids=["time", "memory"]
)
def test_limits(limits: tuple[int, int], words: str) -> None:
    """What costs more than it may is ended and refused with what to do, and no process is left."""
    with pytest.raises(Refused) as why:
        tried_apart(work(DAYS, series=500), Event(), limits=limits)
    assert str(why.value) == words
    assert multiprocessing.active_children() == []


def test_nobody_waits() -> None:
    """A trial that nobody waits for is ended."""
    stopped = Event()
    stopped.set()
    with pytest.raises(Refused, match=GONE):
        tried_apart(work(DAYS, series=500), stopped)
    assert multiprocessing.active_children() == []


async def test_turns() -> None:
    """Everybody has one trial; they come in the order of asking, whoever asks more often."""
    queue, order, free = TrialQueue(), list[str](), asyncio.Event()

    async def trial(name: str) -> None:
        async with queue.turn(name):
            order.append(name)
            await free.wait()

    running = [asyncio.create_task(trial(name)) for name in ("viewer", "alice", "bob")]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(Refused, match="your other trial") as why:
        await trial("viewer")
    assert why.value.code is RefusalCode.OVERLOADED
    free.set()
    await asyncio.gather(*running)
    assert order == ["viewer", "alice", "bob"]
    await trial("viewer")


async def test_too_many_wait() -> None:
    """The queue is bounded, and a trial that is given up makes room."""
    queue, free = TrialQueue(), asyncio.Event()

    async def trial(name: str) -> None:
        async with queue.turn(name):
            await free.wait()

    running = [asyncio.create_task(trial(f"p{n}")) for n in range(MOST)]
    await asyncio.sleep(0)
    with pytest.raises(Refused, match="wait already"):
        await trial("one-more")
    running[5].cancel()
    await asyncio.gather(running[5], return_exceptions=True)
    free.set()
    await trial("one-more")
    await asyncio.gather(*running, return_exceptions=True)


async def test_hanging_up(served: str, dependencies: Any) -> None:
    """Who hangs up ends the trial: the next one is not kept waiting by it."""
    token = dependencies.tokens.issue(ADMIN, 1_795_000_000, 10**8)
    wave = {"series": 'cpu{host="a"}', "values": [1.0], "times": 2_000, "every": "5m"}
    long = {"rule": {"name": "r", "last": "cpu", "above": 1}, "generate": [wave]}
    short = {**long, "generate": [wave | {"times": 2}]}
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=served, headers=headers, timeout=PATIENCE) as client:
        with pytest.raises(httpx.TimeoutException):
            await client.post("/v1/rules/test", json=long, timeout=0.7)
        while (await client.post("/v1/rules/test", json=short)).status_code == 429:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert multiprocessing.active_children() == []
