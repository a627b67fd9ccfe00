"""What comes in quick succession is fetched together, and what is rare at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from agents.consumer.pacing import Pacing
from streams.topics import STAGES
from tests.agents.doubles import worker_config

BROKER, OTHER, LONG = 1, 2, 3_600.0


class Fetcher:
    """A fetcher whose questions are answered as the test says; `asked`: the brokers, in order."""

    _fetch_max_wait_ms = 200

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.answers: dict[int, bool] = {}

    async def _proc_fetch_request(self, _: Any, broker: int, __: Any) -> bool:
        self.asked.append(broker)
        return self.answers.get(broker, True)


async def test_what_comes_quickly_is_gathered() -> None:
    """After records the next question to the same broker waits; to another one, and after none, it does not."""
    fetcher = Fetcher()
    pacing = Pacing(fetcher)
    pacing.pace(1_000, LONG)
    assert fetcher._fetch_max_wait_ms == 1_000
    fetcher.answers[BROKER] = False
    assert not await fetcher._proc_fetch_request(None, BROKER, None)
    fetcher.answers[BROKER] = True
    assert await fetcher._proc_fetch_request(None, BROKER, None)
    waiting = asyncio.create_task(fetcher._proc_fetch_request(None, BROKER, None))
    assert await fetcher._proc_fetch_request(None, OTHER, None)
    await asyncio.sleep(0)
    assert fetcher.asked == [BROKER, BROKER, OTHER]
    assert not waiting.done()
    waiting.cancel()
    assert not await waiting  # another assignment: nothing was asked, and nothing is broken


async def test_it_asks_in_the_end() -> None:
    """The pause is one, and no more; and where there is no time to gather, there is none."""
    fetcher = Fetcher()
    pacing = Pacing(fetcher)
    pacing.pace(1_000, 0.01)
    for _ in range(3):
        assert await fetcher._proc_fetch_request(None, BROKER, None)
    pacing.pace(200, 0.0)
    assert await fetcher._proc_fetch_request(None, BROKER, None)
    assert fetcher.asked == [BROKER] * 4


def test_who_gathers() -> None:
    """Samples, and attempts and their outcomes; respond hears at once what somebody may have to be told."""
    gathers = {stage: replace(worker_config(), stage=stage).gather > 0.0 for stage in STAGES}
    assert gathers == {"detect": True, "respond": False, "deliver": True}
