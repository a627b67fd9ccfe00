"""Takes attempts from the queue, calls the channel, publishes the outcome, then counts the attempt as finished."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from sinks.channel import Channel
from sinks.outcome import Late, report
from sinks.runtime.job import Job
from sinks.runtime.outcome_cache import OutcomeCache
from sinks.runtime.queue import Queue
from streams.messages.attempt import Outcome

Publish = Callable[[Outcome], Awaitable[None]]


class Dispatcher:
    """The calls under way. An exception in one of them is a bug, and ends the process through `broken`."""

    def __init__(
        self,
        channel: Channel,
        publish: Publish,
        finished: Callable[[], None],
        check: Callable[[], None],
        clock: Callable[[], int],
    ) -> None:
        """`publish` returns once the outcome is safe, and `finished` is called after it; `clock`: ms UTC, the brokers'.

        `check` is called before each call: it raises where this process must call nobody any more.
        """
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._channel, self._publish, self._clock = channel, publish, clock
        self._finished, self._check = finished, check
        self._queue, self._outcomes = Queue(), OutcomeCache()
        self._tasks: dict[asyncio.Task[None], Job] = {}
        self._closed = False

    def put(self, job: Job) -> None:
        """Queue an attempt, and start it if there is a place."""
        self._queue.put(job)
        self.start()

    def start(self) -> None:
        """Begin the calls for which there is a place."""
        while not self._closed and (job := self._queue.take()):
            task = asyncio.create_task(self._run(job))
            self._tasks[task] = job
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        job = self._tasks.pop(task)
        self._queue.done(job)
        if not task.cancelled() and (failure := task.exception()):
            self._break(failure)
        self.start()

    def _break(self, failure: BaseException) -> None:
        self._closed = True
        if not self.broken.done():
            self.broken.set_exception(failure)

    @contextmanager
    def breaking(self) -> Iterator[None]:
        """End the process for any exception inside: aiokafka only logs what its listeners raise."""
        try:
            yield
        except Exception as failure:
            self._break(failure)
            raise

    async def _run(self, job: Job) -> None:
        if job.partition.revoked:
            return
        outcome = self._outcomes.get(job.key) or await self._outcome(job)
        self._outcomes.keep(job.key, outcome)
        await self._publish(outcome)
        job.partition.finish(job.offset)
        self._finished()

    async def _outcome(self, job: Job) -> Outcome:
        self._check()
        began, attempt = self._clock(), job.attempt
        if began > attempt.deadline:
            passed = (began - attempt.deadline) / 1000
            return report(attempt, Late(f"the deadline had passed {passed:.1f} s before the call"), began)
        start = time.perf_counter()
        answer = await self._channel.send(attempt)
        return report(attempt, answer, self._clock(), round((time.perf_counter() - start) * 1000))

    async def ended(self) -> None:
        """Raise what broke a call, if one broke."""
        if self.broken.done():
            await self.broken

    async def leave(self, seconds: float) -> None:
        """Give calls of revoked partitions this long to end, and forget what had not begun.

        A call that takes longer goes on and its outcome is published; only its offset no longer counts.
        """
        self._queue.drop_revoked()
        await self._settle([task for task, job in self._tasks.items() if job.partition.revoked], seconds)

    async def stop(self, seconds: float) -> int:
        """Begin no more calls and give those under way this long; how many had to be left behind."""
        self._closed = True
        left = await self._settle(list(self._tasks), seconds)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return len(left)

    async def _settle(self, tasks: list[asyncio.Task[None]], seconds: float) -> set[asyncio.Task[None]]:
        if not tasks:
            return set()
        return (await asyncio.wait(tasks, timeout=seconds))[1]
