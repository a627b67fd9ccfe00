"""Gives a stage more partitions, offline: `drain` what is unread, deal the rows out, say where each log goes on.

Until all of it has been dealt out the old partitions hold all that they held, so a run that breaks off is begun anew;
after that it is only finished. Meanwhile the manifest says that the stage is growing, and no worker starts.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

from aiokafka import TopicPartition
from msgspec.structs import replace

from agents.clients.group_members import commit
from agents.clients.partitioner import partition_of
from agents.clients.producer import OutputProducer
from agents.clients.topic_growth import give_partitions, publish
from agents.clients.topic_reader import TopicReader
from agents.clock import steady, wall
from agents.partition.log_identity import MARK, LogIdentity
from agents.repartition.drain import DrainedPartition, drain
from agents.repartition.growth_report import GrowthReport, PartitionReport
from agents.repartition.rewrite import mark, rewrite
from agents.worker_config import WorkerConfig
from streams.errors import Broken, Misconfigured
from tables.kernel import row as rows
from tables.kernel.machine import HEAD, HEAD_KEY
from tables.repartition.deal import Checksum, Growth, checksum, deal

Say = Callable[[str], None]


class StageGrowth:
    """One run. `config`: of a worker of the stage, with its manifest as it is now."""

    def __init__(self, config: WorkerConfig, after: int, reader: TopicReader, say: Say) -> None:
        """`reader` is connected; `say` hears how far it is."""
        self._config, self._reader, self._say = config, reader, say
        self._known = [config.manifest[topic] for topic in (config.input, config.changelog)]
        self._growth = Growth(config.machine, config.partitions, after, partition_of)
        self._start = wall()  # no log has reached it, so no output gets a name twice
        self._positions = dict.fromkeys(range(after), 0)
        dealt = self._known[0].dealt
        self.report = GrowthReport(config.stage, config.partitions, after, dry_run=False, resumed=dealt)

    async def run(self) -> GrowthReport:
        """All of it. Misconfigured where somebody still writes to the stage's input, or places records otherwise."""
        began, config = steady(), self._config
        if not self.report.resumed:
            await self._publish(growing_to=self._growth.after)
            await give_partitions(config.client, (config.input, config.changelog), self._growth.after)
            await self._deal_all()
            await self._refuse_misplaced()
            await self._mark_all()
            await self._publish(dealt=True, counted_from=self._start)
        await self._tidy_all()
        await self._commit()
        await self._publish(growing_to=0, dealt=False, partitions=self._growth.after)
        self.report.seconds = steady() - began
        return self.report

    async def _publish(self, **changed: int) -> None:
        """Say in the manifest where the stage stands; once it has grown, no local copy of its rows is good any more.

        The input's record comes last: a run that is begun again asks that one.
        """
        topic, rows_topic = (replace(known, **changed) for known in self._known)
        if "partitions" in changed:
            rows_topic = replace(rows_topic, incarnation=str(uuid.uuid4()))
        self._known = [topic, rows_topic]
        await publish(self._config.client, self._config.signer, reversed(self._known))

    async def _commit(self) -> None:
        """Let the group begin where the marks say: Faust does not seek where nothing has been committed."""
        offsets: dict[TopicPartition, int] = {}
        for number in range(self._growth.after):
            identity = LogIdentity.decode((await self._reader.rows(self._config.changelog, number))[MARK])
            offsets[TopicPartition(self._config.input, number)] = identity.start - identity.base
        await commit(self._config.client, self._config.stage, offsets)

    async def _deal_all(self) -> None:
        """Every old partition is drained, and each of its new successors gets its rows; compared row by row."""
        before, after = Checksum(), Checksum()
        outputs = OutputProducer(self._config.client)
        await outputs.start()
        try:
            for number in range(self._growth.before):
                drained = await drain(self._config, number, self._reader, outputs)
                self._positions[number] = self._beginning(number, drained)
                before |= checksum(self._config.stage, drained.records)
                after |= await self._deal_one(number, drained)
        finally:
            await outputs.stop()
        if before != after:
            raise Broken(f"{before.rows} rows became {after.rows}; nothing was changed in the old partitions")

    def _beginning(self, number: int, drained: DrainedPartition) -> int:
        if drained.seen >= self._start:
            raise Broken(
                f"{self._growth.name(number)} counts at {drained.seen} already, beyond {self._start}"
            )
        return drained.position

    async def _deal_one(self, number: int, drained: DrainedPartition) -> Checksum:
        """Write what the new successors of a partition get; the checksum of what all its successors have then."""
        dealt = deal(self._growth, number, drained.records)
        total = checksum(self._config.stage, dealt[number])
        for successor in self._growth.successors(number)[1:]:
            self.report.written += await rewrite(self._config, successor, dealt[successor], self._reader)
            total |= checksum(self._config.stage, dealt[successor])
        counts = {successor: len(stored) for successor, stored in dealt.items()}
        self.report.partitions.append(PartitionReport(number, drained.applied, counts))
        name, rows_dealt = self._growth.name(number), sum(counts.values())
        self._say(f"{name}: {drained.applied} unread inputs applied, {rows_dealt} rows dealt out")
        return total

    async def _refuse_misplaced(self) -> None:
        """Misconfigured where a record came for a partition that its key does not belong to any more."""
        for number in range(self._growth.before):
            async for batch in self._reader.records(self._config.input, number, self._positions[number]):
                for record in batch:
                    key = (record.key or b"").decode(errors="replace")
                    if key and partition_of(key, self._growth.after) != number:
                        where = f"{self._config.input}/{number}/{record.offset}, key {key!r:.80}"
                        raise Misconfigured(
                            f"somebody still writes ({where}): stop every process but Kafka, and run this again"
                        )

    async def _mark_all(self) -> None:
        """From here on the new partitions count: each begins behind what has been applied."""
        incarnation = self._config.manifest[self._config.input].incarnation
        for number, begin in self._positions.items():
            await mark(self._config, number, LogIdentity(incarnation, self._start - begin, self._start))

    async def _tidy_all(self) -> None:
        """The old partitions keep what is theirs; then all rows are counted once more."""
        stage, expected, present = self._config.stage, Checksum(), Checksum()
        for number in range(self._growth.after):
            records = await self._reader.rows(self._config.changelog, number)
            expected |= checksum(stage, records, partial(self._belongs, number))
            if number < self._growth.before:
                kept = deal(self._growth, number, records)[number]
                self.report.written += await rewrite(self._config, number, kept, self._reader)
                records = kept
            present |= checksum(stage, records)
        if present != expected:
            raise Broken(f"{expected.rows} rows were dealt out, and there are {present.rows}: run this again")
        self.report.checksum = present
        self._say(f"{present.rows} rows in {self._growth.after} partitions, compared one by one")

    def _belongs(self, number: int, key: str) -> bool:
        return partition_of(key, self._growth.after) == number


async def plan(config: WorkerConfig, after: int, reader: TopicReader) -> GrowthReport:
    """What a run would do with a stage, `after` being how many partitions it is to have; none of it is done."""
    growth = Growth(config.machine, config.partitions, after, partition_of)
    report = GrowthReport(config.stage, growth.before, after, dry_run=True)
    for number in range(growth.before):
        records = await reader.rows(config.changelog, number)
        identity = LogIdentity.decode(records[MARK]) if MARK in records else LogIdentity("")
        _, end = await reader.bounds(config.input, number)
        position = max(_seen(records) + 1, identity.start) - identity.base
        unread = max(0, end - position)
        counts = {successor: len(stored) for successor, stored in deal(growth, number, records).items()}
        report.partitions.append(PartitionReport(number, unread, counts))
        report.checksum |= checksum(config.stage, records)
    return report


def _seen(records: dict[str, bytes]) -> int:
    return rows.decode(HEAD_KEY, records[HEAD_KEY], HEAD).seen if HEAD_KEY in records else -1
