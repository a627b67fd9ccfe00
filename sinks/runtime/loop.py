"""One channel's loop over Kafka: attempts in, outcomes out, and nothing kept that a restart would miss.

It is crash-only: whatever it does not expect ends the process, and its successor goes on from the last
commit. What it guarantees: every attempt is called or found late before its offset is committed; an
attempt is called twice only if the process died, or lost its partition, between the call and the commit
that follows it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import IllegalStateError, KafkaError

from sinks.channel import Channel
from sinks.runtime.dispatcher import Dispatcher
from sinks.runtime.job import Job
from sinks.runtime.kafka import RepeatedWarning
from sinks.runtime.liveness import Liveness
from sinks.runtime.outcome_producer import OutcomeProducer
from sinks.runtime.partition import Partition
from sinks.runtime.slot import refuse_succeeded
from streams.errors import Refused
from streams.messages.attempt import Attempt
from streams.settings import Settings
from streams.signature import Signer

log = structlog.get_logger()
QUEUED = 1000  # attempts read and unfinished, over all partitions, before reading pauses
REVOKE, STOP = 2.0, 10.0  # seconds that calls under way are given
LAST = 2.0  # seconds for the last commit
COMMIT = 5.0  # seconds that a commit is given, since aiokafka waits for a broker without end


class Loop(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Consumes the two topics of a channel as one member of its group."""

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        admin: AIOKafkaAdminClient,
        producer: OutcomeProducer,
        signer: Signer,
        channel: Channel,
        settings: Settings,
    ) -> None:
        """All clients are started; `settings`: whose session and slot are the group's."""
        self._consumer, self._admin = consumer, admin
        self._producer, self._signer = producer, signer
        self._partitions: dict[TopicPartition, Partition] = {}
        self._changed, self._liveness = asyncio.Event(), Liveness(settings.session)
        self._settings, self._was_member = settings, False
        self._dispatcher = Dispatcher(
            channel, producer.publish, self._changed.set, self._liveness.beat, producer.clock
        )
        self._committing = asyncio.Lock()
        self._warning = RepeatedWarning()

    async def run(self, topics: list[str], group: str, stopping: asyncio.Event) -> None:
        """Go on until `stopping`; then let calls end, commit, and return."""
        self._group = group
        self._consumer.subscribe(topics, listener=self)
        work = (self._read(), self._commit_always(), self._beat(), _until_set(stopping))
        parts: set[asyncio.Future[None]] = {asyncio.create_task(part) for part in work}
        await asyncio.wait(parts | {self._dispatcher.broken}, return_when=asyncio.FIRST_COMPLETED)
        for part in parts:
            part.cancel()
        ended = await asyncio.gather(*parts, self._dispatcher.ended(), return_exceptions=True)
        left = await self._dispatcher.stop(STOP if stopping.is_set() else 0.0)
        with suppress(TimeoutError):  # a broker that is away: what has finished is called again, under its id
            await asyncio.wait_for(self._commit(self._partitions), LAST)
        for failure in ended:
            if isinstance(failure, Exception):
                raise failure
        log.info("stopped", group=group, calls_left=left)

    async def _beat(self) -> None:
        while True:
            self._liveness.beat()
            await asyncio.sleep(0.1)

    async def _read(self) -> None:
        while True:
            some_wait = self._pause()
            batches = await self._consumer.getmany(timeout_ms=20 if some_wait else 200, max_records=500)
            self._liveness.beat()
            for where, records in batches.items():
                await self._take(where, records)

    def _pause(self) -> bool:
        """Stop reading partitions that have too much unfinished; whether any is stopped now."""
        bound = QUEUED // max(1, len(self._partitions))
        paused = self._consumer.paused()
        for where, partition in self._partitions.items():
            if partition.outstanding > bound and where not in paused:
                self._consumer.pause(where)
            elif partition.outstanding <= bound // 2 and where in paused:
                self._consumer.resume(where)
        return bool(self._consumer.paused())

    async def _take(self, where: TopicPartition, records: list[Any]) -> None:
        """Take the records of one partition up to a gap, which is read again from its beginning."""
        partition = self._partitions.get(where)
        if partition is None:  # fetched before we were told that it is ours, or after it was taken away
            self._seek(where, records[0].offset)
            await asyncio.sleep(0.05)
            return
        for record in records:
            wanted = partition.wanted
            taken = "old" if partition.revoked else partition.take(record.offset)
            if taken == "gap":
                log.warning("records were skipped; reading again", partition=str(where), wanted=wanted)
                self._seek(where, wanted)
                break
            if taken == "new":
                if record.offset > wanted:
                    log.error("records are missing from the log", partition=str(where), first=wanted)
                await self._open(record, partition)
        self._changed.set()

    def _seek(self, where: TopicPartition, offset: int) -> None:
        with suppress(IllegalStateError):  # lost meanwhile: its new owner reads it
            self._consumer.seek(where, offset)

    async def _open(self, record: Any, partition: Partition) -> None:
        """Queue an attempt that is really ours; dead-letter anything else."""
        try:
            self._signer.verify(record.value or b"", record.topic)
            attempt = Attempt.parse(record.value or b"")
        except Refused as why:
            log.warning("refused", at=f"{record.topic}/{record.partition}/{record.offset}", why=str(why))
            await self._producer.dead_letter(record, str(why))
            partition.finish(record.offset)
        else:
            self._dispatcher.put(Job(attempt, partition, record.offset, record.topic.endswith(".critical")))

    async def _commit_always(self) -> None:
        """Commit as soon as something has finished, one commit at a time, so that a crash repeats little."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._commit(self._partitions)
            await asyncio.sleep(0.01)

    async def _commit(self, partitions: dict[TopicPartition, Partition]) -> None:
        async with self._committing:
            ours = dict(partitions)  # as it is now: some may be taken away while the commit is under way
            due = {at: position for at, partition in ours.items() if (position := partition.commit())}
            if not due:
                return
            try:
                async with asyncio.timeout(COMMIT):
                    await self._consumer.commit(due)
            except (KafkaError, TimeoutError) as why:  # a rebalance, a broker away: said again by the next
                self._warning.log("offsets could not be committed; trying again", why=repr(why))
                self._changed.set()
                return
            for at, position in due.items():
                ours[at].committed(position)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Let calls under way end, commit what has finished, and forget the rest: its new owner reads it.

        A call that ends after `REVOKE` is called again by the new owner, under its id. Its commit cannot come first:
        the client asks to join on the connection that commits, and the broker reads nothing from it until the group
        is complete. Waiting for such a call instead would hold up everybody's pages for as long as one receiver hangs.
        """
        leaving = {at: self._partitions.pop(at) for at in revoked if at in self._partitions}
        for partition in leaving.values():
            partition.revoked = True
        with self._dispatcher.breaking():
            await self._dispatcher.leave(REVOKE)
            await self._commit(leaving)
            # Asked before it joins, and takes the name back.
            if self._was_member and not (member_id := self._member_id()):
                await refuse_succeeded(self._group, self._settings, member_id, self._admin)

    def _member_id(self) -> str:
        """The id that Kafka has given to this member; empty before, and after Kafka has forgotten or replaced it."""
        id: str = getattr(getattr(self._consumer, "_coordinator", None), "member_id", "")
        return id

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Begin where the last commit says, and with what it says is finished beyond."""
        self._was_member = True
        with self._dispatcher.breaking():
            kept = await self._admin.list_consumer_group_offsets(self._group)
            fresh = [at for at in assigned if at not in kept or kept[at].offset < 0]
            begins = await self._consumer.beginning_offsets(fresh) if fresh else {}
            for at in assigned:
                known = (begins[at], "") if at in begins else (kept[at].offset, kept[at].metadata)
                self._partitions[at] = Partition(*known)


async def _until_set(stopping: asyncio.Event) -> None:
    await stopping.wait()
