"""Faust's consumer without Faust's book-keeping: it commits what has been written out, and nothing else.

Faust counts acknowledged messages and commits behind them; there are ways in which that commits messages that
were never processed (docs/law-of-state.md lists them). Here an offset may be committed when, and only when,
the rows and outputs of everything below it are acknowledged: the application sets such floors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol, cast

import uvloop
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, Message
from mode.utils.futures import notify

from agents.clients.log_offsets import LogOffsets
from agents.consumer.pacing import Pacing

LONGEST_POLL = 200  # ms, until partitions are owned
OWNING_POLL = 1_000  # ms, afterwards: data ends a poll, and one that ends without any costs both sides a turn
HELD = 64  # records that may wait for the machines: one may weigh half a megabyte
PAUSE = 0.005  # seconds between two looks whether there is room for more


class Application(Protocol):
    """What the consumer asks of the application that it belongs to."""

    floors: dict[TP, int]
    offsets: LogOffsets

    async def acquire(self) -> None:
        """Own what has been assigned and recovered, and read on from where its rows stand."""
        ...


class PromptThread(driver.AIOKafkaConsumerThread):
    """The thread that polls: what has just been recovered or sought never waits long behind a poll without data."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = LONGEST_POLL  # noqa: SLF001 - Faust fixes it at 1.5 s
        return consumer


class FloorConsumer(driver.Consumer):
    """Commits floors. A failed commit stays undone; look-ups of offsets never queue behind a long poll."""

    _pacing: Pacing | None = None

    def _new_consumer_thread(self) -> PromptThread:
        made = uvloop.new_event_loop()  # mode's own choice is asyncio's
        thread = PromptThread(self, loop=self.loop, beacon=self.beacon, thread_loop=made)
        thread._close_thread_loop_on_stop = True  # noqa: SLF001 - it is the thread's alone, as the one that mode makes
        return thread

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109 - Faust's
        """Ask for more when little is left to do: a worker that is far behind holds no more than one that is not."""
        while self._full():  # noqa: ASYNC110 - records that a seek drops unread wake nobody
            await asyncio.sleep(PAUSE)
        return await super()._wait_next_records(timeout)

    def _full(self) -> bool:
        return len(self._unacked_messages) > HELD and self.flow_active and not self.should_stop

    async def _drain_messages(self, fetcher: Any) -> None:
        """Hand on what is polled, until the end; as Faust does, but without its two tasks for each message."""
        try:
            while not (self.should_stop or fetcher.should_stop):
                await asyncio.sleep(0)
                async for tp, message in self.getmany(timeout=1.0):
                    await self._hand_on(tp, message)
        except asyncio.CancelledError:
            if not self.app.should_stop:
                raise
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise

    async def _hand_on(self, tp: TP, message: Message) -> None:
        """Give a message to its queue; one that would have to wait is dropped where the flow is stopped meanwhile."""
        position = self._read_offset[tp]
        if position is not None and message.offset < position:
            return
        if self.suspend_flow.is_set() or not self.app.flow_control.is_active():
            await self.wait_first(self.callback(message), self.suspend_flow.wait())
        else:
            await self.callback(message)
        self._read_offset[tp] = message.offset

    def pace(self, longest: int, gather: float = 0.0) -> None:
        """How long, ms, polls may wait for data, and for how many seconds what comes quickly is gathered."""
        thread: Any = self._thread
        fetcher = getattr(thread._consumer, "_fetcher", None)  # noqa: SLF001
        if self._pacing is None and fetcher is not None:
            self._pacing = Pacing(fetcher)
        if self._pacing is not None:
            self._pacing.pace(longest, gather)

    def committed(self, tp: TP) -> int | None:
        """The offset that the group has committed; None where it is 0 or none is."""
        offset: int | None = self._committed_offset[tp]
        return offset

    @property
    def coordinates(self) -> bool:
        """Whether aiokafka's task that joins the group and asks for partitions is alive; it ends without a word."""
        task = getattr(self._coordinator, "_coordination_task", None)
        return task is None or not task.done()

    @property
    def member_id(self) -> str:
        """The id that Kafka has given to this member; empty before, and after Kafka has forgotten or replaced it."""
        id: str = getattr(self._coordinator, "member_id", "")
        return id

    @property
    def _coordinator(self) -> Any:
        """aiokafka's coordinator, to which there is no public way; None before the start."""
        thread: Any = self._thread
        return getattr(thread._consumer, "_coordinator", None)  # noqa: SLF001

    @property
    def application(self) -> Application:
        """The application, as far as the consumer needs it."""
        return cast(Application, self.app)

    def ack(self, message: Message) -> bool:
        """Forget the message; that it was processed says nothing about whether its effects are written."""
        if message.acked:
            return False
        message.acked = True
        self._unacked_messages.discard(message)
        notify(self._waiting_for_ack)
        return True

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Any:  # noqa: ARG002 - Faust's
        return list(self.application.floors)

    def _new_offset(self, tp: TP) -> int | None:
        return self.application.floors.get(tp)

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        previous = {tp: self._committed_offset[tp] for tp in offsets}
        committed: bool = await super()._commit_offsets(offsets, start_new_transaction)
        if not committed:
            self._committed_offset.update(previous)
        return committed

    async def perform_seek(self) -> None:
        """Seek to where the rows stand, with the flow stopped: Faust empties the agents' queues afterwards."""
        self.stop_flow()
        await super().perform_seek()
        await self.application.acquire()

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        """Next offsets, over a connection of their own: on the consumer's they wait for a poll of 1.5 s to end."""
        return await self.application.offsets.last(partitions)

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]:
        """First offsets, over the same separate connection."""
        return await self.application.offsets.first(partitions)


class FloorTransport(driver.Transport):
    """Faust's transport with our consumer."""

    Consumer = FloorConsumer
