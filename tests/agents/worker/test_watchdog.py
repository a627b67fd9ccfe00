"""A worker that makes no progress ends, and one that only waits does not."""

from __future__ import annotations

from typing import Any, cast

import pytest

from agents.clock import steady
from agents.inputs.feed import Feed
from agents.inputs.injector import Injector
from agents.worker.app import StageApp
from agents.worker.watchdog import Limits, Watchdog
from tests.agents.doubles import SIGNER, Bench, leave, worker_config


class Uncoordinated(StageApp):
    """A worker whose consumer has stopped asking for partitions, as aiokafka does after an error in an assignor."""

    coordinates = False


class Scene:
    """A worker that owns one partition, and its watchdog; time is said in seconds from now."""

    def __init__(self, app: type[StageApp] = StageApp) -> None:
        self.bench = Bench()
        self.app = app(worker_config())
        self.app.owned = {0: self.bench.partition}
        self.injector = Injector(self.app.config, self.bench.producer, Feed(SIGNER))
        self.dog = Watchdog(self.app, self.injector, Limits(pulse=1e9), leave)
        self.app.phase.enter("running")
        self.began, self.still = steady(), 0.0  # for how long the event loop has not turned

    def wrong(self, seconds: float) -> str | None:
        self.dog._pulse = self.began + seconds - self.still
        return self.dog.wrong(self.began + seconds)

    async def tick(self, seconds: float) -> None:
        await self.injector.round(self.app.owned)
        self.injector.inputs[0].unapplied = self.began + seconds


@pytest.mark.parametrize(
    ("phase", "fine", "late", "says"),
    [
        ("joining", 100, 130, "no partitions"),
        ("recovering", 170, 190, "recovery takes"),
        ("seeking", 170, 190, "recovery takes"),
    ],
)
async def test_phases(phase: Any, fine: float, late: float, says: str) -> None:
    """Joining and recovering may take their time, and no more."""
    scene = Scene()
    scene.app.phase.enter(phase)
    assert scene.wrong(fine) is None
    assert says in cast(str, scene.wrong(late))


@pytest.mark.parametrize("phase", ["joining", "recovering", "seeking", "running"])
async def test_coordination_that_ended(phase: Any) -> None:
    """A worker that will never be assigned a partition again ends at once, whatever it is at."""
    scene = Scene(Uncoordinated)
    scene.app.phase.enter(phase)
    assert "coordination has ended" in cast(str, scene.wrong(1))


async def test_tick_that_is_not_applied() -> None:
    """A tick that Kafka holds and that is not applied for five seconds is no progress."""
    scene = Scene()
    await scene.tick(20)
    assert scene.wrong(24) is None
    assert "nothing was applied" in cast(str, scene.wrong(26))


async def test_one_long_input() -> None:
    """Ticks that wait behind one long input prove nothing while the event loop is within it."""
    scene = Scene()
    await scene.tick(20)
    scene.still = 6
    assert scene.wrong(27) is None
    scene.still = 0
    assert "nothing was applied" in cast(str, scene.wrong(27))


async def test_kafka_away() -> None:
    """While Kafka takes no ticks, a worker that applies nothing is not to blame."""
    scene = Scene()
    assert scene.wrong(600) is None


async def test_back_after_an_outage() -> None:
    """The first tick after an outage starts the count anew."""
    scene = Scene()
    await scene.tick(300)
    assert scene.wrong(303) is None


async def test_overdue_write_out() -> None:
    """What was applied and is not written for a minute is overdue."""
    scene = Scene()
    await scene.bench.apply(0)
    assert scene.wrong(50) is None
    assert "overdue" in cast(str, scene.wrong(70))


async def test_stuck_loop() -> None:
    """An event loop that does not turn for half a minute is noticed from outside."""
    scene = Scene()
    dog = Watchdog(scene.app, scene.injector, Limits(), leave)
    assert dog.wrong(scene.began + 29) is None
    assert "stuck" in cast(str, dog.wrong(scene.began + 32))


async def test_old_fence() -> None:
    """A fence is renewed long before Kafka forgets it."""
    assert "fences are old" in cast(str, Scene().wrong(4 * 86_400))
