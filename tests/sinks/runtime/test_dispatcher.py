"""From the queue through the channel to a safe outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from sinks.outcome import Answer, Delivered
from sinks.runtime.dispatcher import Dispatcher
from sinks.runtime.job import Job
from sinks.runtime.liveness import Liveness
from sinks.runtime.partition import Partition
from streams.errors import Broken
from streams.messages.attempt import Attempt, Outcome
from tests.patience import PATIENCE

NOW = 5_000_000


@dataclass
class Stage:
    """A channel in memory, and what was told of it."""

    slow: dict[str, float] = field(default_factory=dict)
    called: list[str] = field(default_factory=list)
    told: list[Outcome] = field(default_factory=list)
    failure: Exception | None = None
    check: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.partition, self.changed = Partition(0), asyncio.Condition()
        self.dispatcher = Dispatcher(self, self.tell, self.finished, self.check, clock=lambda: NOW)

    async def send(self, attempt: Attempt) -> Answer:
        """Record the call, take as long as told, deliver or fail."""
        self.called.append(attempt.notification.id)
        await asyncio.sleep(self.slow.get(attempt.notification.to, 0))
        if self.failure:
            raise self.failure
        return Delivered("yes")

    async def close(self) -> None:
        """Nothing is open."""

    async def tell(self, outcome: Outcome) -> None:
        """Keep what is said."""
        self.told.append(outcome)

    def finished(self) -> None:
        """Wake whoever waits."""
        self.waking = asyncio.create_task(self.wake())

    async def wake(self) -> None:
        """Let waiting tests look again."""
        async with self.changed:
            self.changed.notify_all()

    def put(self, *attempts: Attempt) -> None:
        """Take attempts from the partition and queue them."""
        for attempt in attempts:
            offset = self.partition.wanted
            self.partition.take(offset)
            self.dispatcher.put(Job(attempt, self.partition, offset, critical=False))

    async def settle(self) -> None:
        """Until all is told."""
        await self.until(lambda: not self.partition.outstanding)

    async def until(self, done: Callable[[], bool]) -> None:
        """Until `done`."""
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(done)


async def test_outcome_before_offset(attempt: Any) -> None:
    """An offset counts as finished when its outcome is safe, not when the call returned."""
    stage = Stage()
    safe = asyncio.Event()
    stage.dispatcher._publish = lambda _: safe.wait()  # type: ignore[assignment,return-value]
    stage.put(attempt())
    await asyncio.sleep(0.01)
    assert stage.called == ["n1"]
    assert stage.partition.commit() == (0, "")

    safe.set()
    await stage.settle()
    assert stage.partition.commit() == (1, "")


async def test_late(attempt: Any) -> None:
    """Past its deadline nobody is called, and the outcome says so."""
    stage = Stage()
    stage.put(attempt(deadline=NOW - 1), attempt(name="n2", deadline=NOW))
    await stage.settle()

    assert stage.called == ["n2"]
    assert {one.notification: one.result for one in stage.told} == {"n1": "late", "n2": "delivered"}


async def test_second_copy(attempt: Any) -> None:
    """A second copy of an attempt is answered with the first's outcome and no call, even while the first runs."""
    stage = Stage(slow={"endpoint/pager": 0.02})
    stage.put(attempt(), attempt())
    await stage.settle()
    stage.put(attempt(), attempt(number=2))
    await stage.settle()

    assert stage.called == ["n1", "n1"]
    assert [one.id for one in stage.told] == ["n1#1#outcome"] * 3 + ["n1#2#outcome"]


async def test_revoked_before_the_call(attempt: Any) -> None:
    """What waits when its partition goes is neither called nor told."""
    stage = Stage(slow={"endpoint/pager": 0.05})
    stage.put(*(attempt(name=f"n{n}", group=f"g{n}") for n in range(6)))
    await asyncio.sleep(0.01)
    stage.partition.revoked = True
    await stage.dispatcher.leave(1.0)
    await asyncio.sleep(0.1)

    assert stage.called == ["n0", "n1", "n2", "n3"]
    assert len(stage.told) == 4
    assert stage.partition.commit() == (4, "")


async def test_leaving_does_not_wait_for_ever(attempt: Any) -> None:
    """A call that outlasts its patience is left to end by itself."""
    stage = Stage(slow={"endpoint/pager": 2.0})
    stage.put(attempt())
    await asyncio.sleep(0.01)
    stage.partition.revoked = True
    await stage.dispatcher.leave(0.05)
    assert stage.told == []
    await stage.settle()

    assert len(stage.told) == 1


async def test_stopping(attempt: Any) -> None:
    """A stop lets calls under way end and tells of them, and begins no other."""
    stage = Stage(slow={"endpoint/pager": 0.05})
    stage.put(*(attempt(name=f"n{n}", group=f"g{n}") for n in range(6)))
    await asyncio.sleep(0.01)

    assert await stage.dispatcher.stop(1.0) == 0
    assert [one.notification for one in stage.told] == ["n0", "n1", "n2", "n3"]


async def test_slow_endpoint(attempt: Any) -> None:
    """A hundred attempts to a receiver that hangs delay nobody else."""
    stage = Stage(slow={"endpoint/hangs": 5.0})
    stage.put(*(attempt(to="endpoint/hangs", name=f"h{n}", group=f"g{n}") for n in range(100)))
    stage.put(*(attempt(to="endpoint/quick", name=f"q{n}", group=f"g{n}") for n in range(100)))
    await stage.until(lambda: len(stage.told) >= 100)

    assert {one.to for one in stage.told} == {"endpoint/quick"}
    assert await stage.dispatcher.stop(0.01) == 4


async def test_a_bug_ends_the_process(attempt: Any) -> None:
    """An exception of a channel is not swallowed, and nothing more is called."""
    stage = Stage(failure=RuntimeError("bug"))
    stage.put(attempt())
    with pytest.raises(RuntimeError, match="bug"):
        await stage.dispatcher.broken
    stage.put(attempt(name="n2"))
    await asyncio.sleep(0.01)

    assert stage.called == ["n1"]
    assert stage.told == []


async def test_pause_of_the_process(attempt: Any) -> None:
    """A process that stood still longer than its session calls nobody any more."""
    times = iter([0.0, 5.0, 20.0])
    pulse = Liveness(10_000, clock=lambda: next(times))
    stage = Stage(check=pulse.beat)
    stage.put(attempt())
    await stage.settle()
    stage.put(attempt(name="n2"))
    with pytest.raises(Broken, match="TOCSIN_SESSION"):
        await stage.dispatcher.broken

    assert stage.called == ["n1"]
