"""The Faust application of a stage: it owns partitions between two rebalances, and hands them over written out.

Assigned → fenced → recovered (Faust) → owned, read on from the head row → … → revoked: written out, committed,
dropped. Whatever does not fit ends the process (`agents.exits`); the replay then puts everything right.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, cast

import faust
from aiokafka.errors import KafkaError, ProducerFenced
from faust.types import TP

from agents.clock import steady
from agents.consumer import FloorConsumer, FloorTransport, NullMonitor
from agents.ends import Ends
from agents.exits import Exit, Leave, leave
from agents.membership import options
from agents.owned import Owned
from agents.passing import Passing
from agents.phase import Phase
from agents.plan import Plan
from agents.slot import successor, taken
from agents.speaker import Speaker
from agents.standing import Log
from agents.store import OPTIONS
from agents.taking import Taking
from streams.errors import Broken, Gap
from streams.messages.dead_letter import Origin

log = logging.getLogger("tocsin.worker")
HAND_OVER = 3.0  # seconds that a write-out at a hand-over may take
COMMIT = 2.0  # seconds for the commit after it
Take = Callable[[Plan, Passing, Leave], Taking]
_RAW: dict[str, Any] = {
    "key_type": bytes,
    "value_type": bytes,
    "key_serializer": "raw",
    "value_serializer": "raw",
}


class StageApp(faust.App):
    """One worker. `floors`: by partition, the offset below which everything is durable."""

    def __init__(self, plan: Plan, taking: Take = Taking, leave: Leave = leave) -> None:
        """Nothing connects before it is started; `leave` ends the process."""
        super().__init__(plan.stage, monitor=NullMonitor(), **options(plan))
        self.plan, self._leave = plan, leave
        self.floors: dict[TP, int] = {}
        self.owned: dict[int, Owned] = {}
        self.ends, self.speaker = Ends(plan.client), Speaker(plan.client)
        self.phase, self._passing = Phase(), Passing()
        self._taking, self._one_at_a_time = taking(plan, self._passing, leave), asyncio.Lock()
        self.rows_table = self.Table(
            "rows", key_type=bytes, value_type=bytes, partitions=plan.partitions, options=dict(OPTIONS)
        )
        self.agent(self.topic(plan.input, **_RAW), name=plan.stage)(self.apply)
        self.on_rebalance_complete.connect(self._recovered)

    async def apply(self, stream: Any) -> None:
        """Give each message to its partition; what comes while nothing is owned is read again after the seek."""
        async for event in stream.events():
            message = event.message
            owned = self.owned.get(message.partition)
            if owned is not None:
                value = message.value if message.value is not None else b""
                origin = Origin(message.topic, message.partition, message.offset, message.key, value)
                await self._guarded(self._take(owned, origin, round(message.timestamp * 1_000)))

    async def _take(self, owned: Owned, origin: Origin, stamp: int) -> None:
        """Apply one record; what is missing before it is looked for once more, in the log itself."""
        try:
            await owned.take(origin, stamp, self.speaker)
        except Gap as gap:
            first = await self.ends.at_or_after(TP(origin.topic, origin.partition), gap.expected)
            if first is None or first < origin.offset:
                raise
            owned.skip_to(origin.offset)
            await owned.take(origin, stamp, self.speaker)

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Gap as why:
            self._leave(Exit.GAP, str(why))
        except Broken as why:
            self._leave(Exit.BROKEN, str(why))
        except Exception as why:
            log.exception("a message could not be applied")
            self._leave(Exit.WRITE, f"{type(why).__name__}: {why}")

    async def _on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Fence, before Faust looks at a changelog's end."""
        self.phase.now("recovering")
        partitions = sorted(tp.partition for tp in assigned if tp.topic == self.plan.input)
        if not self.should_stop:
            await self._taking.fence(partitions, generation_id, self.speaker.start())
        await super()._on_partitions_assigned(assigned, generation_id)

    async def _recovered(self, *_: Any, **__: Any) -> None:
        self.phase.now("seeking")

    async def take_up(self) -> None:
        """Own what has been recovered, and seek to where the rows stand; called with the flow stopped."""
        async with self._one_at_a_time:
            if self.phase.name == "seeking":
                await self._take_up(self.phase.tenure)

    async def _take_up(self, tenure: int) -> None:
        """A tenure that has ended in the meantime is not taken up: what is assigned now is another matter."""
        mine = [tp for tp in self.consumer.assignment() if tp.topic == self.plan.input]
        begins, ends = await self.ends.first(mine), await self.ends.last(mine)
        committed = cast(FloorConsumer, self.consumer).committed
        incarnation = self.plan.manifest[self.plan.input].incarnation
        logs = {tp: Log(incarnation, begins[tp], ends[tp], committed(tp)) for tp in mine}
        if tenure != self.phase.tenure:
            return
        made = await self._taking.own(logs, self.rows_table)
        if tenure != self.phase.tenure:
            return
        await self.consumer.seek_wait(
            {TP(self.plan.input, owned.partition): owned.position for owned in made}
        )
        if tenure == self.phase.tenure:
            self._open(made)

    def _open(self, made: list[Owned]) -> None:
        self._taking.taken()
        self.owned = {owned.partition: owned for owned in made}
        for owned in made:
            owned.write_when_due(self._raise_floor, self._write_failed)
        self.phase.now("running")
        positions = {owned.partition: owned.position for owned in made}
        log.info("owned", extra={"partitions": positions, "rows": sum(len(one.machine.rows) for one in made)})

    @property
    def coordinates(self) -> bool:
        """Whether the group is still asked for partitions; before the consumer is made, it will be."""
        return self._consumer is None or cast(FloorConsumer, self._consumer).coordinates

    def _raise_floor(self, owned: Owned, floor: int) -> None:
        self.floors[TP(self.plan.input, owned.partition)] = floor

    def _write_failed(self, owned: Owned, why: BaseException) -> None:
        words = f"partition {owned.partition} cannot be written: {type(why).__name__}: {why}"
        if isinstance(why, ProducerFenced):
            self._passing.do(self.end(Exit.FENCE, words))
        else:
            self._leave(Exit.WRITE, words)

    async def end(self, code: Exit, why: str) -> NoReturn:
        """End the process for a reason that another member of the same name may be behind: then it says that."""
        await self._end_if_succeeded()
        self._leave(code, why)

    async def _end_if_succeeded(self) -> None:
        plan = self.plan
        if not plan.settings.static_membership:
            return
        try:
            asking = successor(plan.client, plan.stage, plan.name, self._member_id)
            host = await asyncio.wait_for(asking, COMMIT)
        except (KafkaError, OSError, TimeoutError) as why:
            log.warning(
                "who has this worker's name is not known", extra={"why": f"{type(why).__name__}: {why}"}
            )
        else:
            if host is not None:
                self._leave(Exit.OPERATOR, taken(plan.stage, plan.settings.slot, f"a worker on {host}"))

    @property
    def _member_id(self) -> str:
        return cast(FloorConsumer, self.consumer).member_id

    async def _on_partitions_revoked(self, revoked: set[TP]) -> None:
        was_member = self.phase.name != "joining"
        await self.hand_over()
        if was_member and not self._member_id:
            await self._end_if_succeeded()  # before it joins again, and takes the name back
        await super()._on_partitions_revoked(revoked)

    async def _stop_consumer(self) -> None:
        if self._consumer is not None:
            await self.hand_over()
        await super()._stop_consumer()
        for client in (self.speaker, self.ends):
            self._passing.do(client.stop())
        await self._passing.rest(COMMIT)

    async def hand_over(self) -> None:
        """Write out and commit whatever is owned, then own nothing; a planned hand-over leaves nothing to replay."""
        began, owned, self.owned = steady(), self.owned, {}
        self.phase.now("joining")
        if not owned:
            return
        try:
            await self._write_out(list(owned.values()))
        except Exception as why:  # noqa: BLE001 - cut short, it leaves what a crash leaves, and that is replayed
            log.warning("hand-over cut short", extra={"why": f"{type(why).__name__}: {why}"})
        for one in owned.values():
            self._passing.do(one.drop())
        self.floors.clear()
        log.info("handed over", extra={"partitions": sorted(owned), "ms": round((steady() - began) * 1_000)})

    async def _write_out(self, owned: list[Owned]) -> None:
        floors = await asyncio.wait_for(asyncio.gather(*(one.write_out() for one in owned)), HAND_OVER)
        for one, floor in zip(owned, floors, strict=True):
            self._raise_floor(one, floor)
        await asyncio.wait_for(self.consumer.commit(), COMMIT)

    def _new_transport(self) -> FloorTransport:
        return FloorTransport(self.conf.broker_consumer, self)
