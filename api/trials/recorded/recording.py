"""What gateways said lately, as Kafka has kept it: read back, oldest first, as the inputs of a trial.

It runs in the process of the trial, with a reader of its own that belongs to no group and disturbs nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner
from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.instant import spell
from api.trials.recorded.record_filter import RecordFilter
from api.trials.trial import Report
from api.trials.trial_input import TrialInput
from api.trials.trial_warnings import blind, short
from streams.connection import client
from streams.documents.document import Length
from streams.documents.rule import Rule
from streams.duration import spell as length
from streams.errors import Refused, Unavailable
from streams.nearest import nearest
from streams.settings import Settings
from streams.topics import DAY, TELEMETRY

SHORTEST = 60_000  # ms
LIVE = 600_000  # ms: the live window is what the rule looks back on, and no less than this
LATE = 120_000  # ms: a first record that is later than this after the beginning is worth a word
CHUNK = 8 << 20  # bytes that are asked for at once
AWAY = "the broker does not answer: what it has recorded cannot be read; try again shortly"


class Recorded(BaseModel):
    """What of the past to try a rule on. `gateway`: one, or all; `last`: how long, else the rule's live window."""

    model_config = ConfigDict(extra="forbid")
    gateway: str = Field(default="", max_length=256)
    last: Length | None = None

    @field_validator("last")
    @classmethod
    def _kept(cls, last: int | None) -> int | None:
        if last is not None and not SHORTEST <= last <= DAY:
            words = f"{length(SHORTEST)} to {length(DAY)}, which is how long Kafka keeps telemetry"
            raise ValueError(f"{words}, not {length(last)}")
        return last


class RecordedSpan(NamedTuple):
    """Which part of the log is read, in ms by the broker's clock. `gateway`: one, or "" for all."""

    gateway: str
    begin: int
    end: int


class Recording(NamedTuple):
    """The inputs, in the order of time, and what their reader should know besides."""

    messages: list[TrialInput]
    remarks: list[str]


def span(recorded: Recorded, rule: Rule, now: int) -> RecordedSpan:
    """From when until now: as long as was said, or as far as the rule looks back."""
    condition = rule.condition
    back = recorded.last or max(LIVE, condition.over + condition.absent_for + rule.for_ + rule.keep)
    return RecordedSpan(recorded.gateway, now - min(back, DAY), now)


def read(settings: Settings, wanted: RecordedSpan, rules: Sequence[Rule], report: Report) -> Recording:
    """All that was recorded, without what no rule reads; Refused where there is none, Unavailable without Kafka."""
    filter_ = RecordFilter(rules)
    reading = _Reading(wanted, filter_, report)
    try:
        asyncio.run(reading.run(client(settings)))
    except (KafkaError, OSError, TimeoutError) as why:
        raise Unavailable(f"{AWAY} ({type(why).__name__})") from None
    messages = reading.messages()
    unseen = blind(rules, filter_.seen, filter_.events, "recorded then")
    return Recording(messages, [*reading.remarks(), *unseen, *short(rules, wanted.end - messages[0].at)])


class _Reading:
    """One pass over the log."""

    def __init__(self, wanted: RecordedSpan, filter_: RecordFilter, report: Report) -> None:
        self._wanted, self._filter, self._report = wanted, filter_, report
        self._key = wanted.gateway.encode()
        self._found: list[TrialInput] = []
        self._others: set[str] = set()

    async def run(self, arguments: Mapping[str, Any]) -> None:
        """Read each partition from the beginning of the span to its end as it was at first."""
        consumer = AIOKafkaConsumer(
            TELEMETRY, **arguments, enable_auto_commit=False, request_timeout_ms=5_000, max_partition_fetch_bytes=CHUNK,
            fetch_max_bytes=4 * CHUNK,
        )  # fmt: skip
        try:
            await consumer.start()
            ends = await self._sought(consumer)
            begins = {place: await consumer.position(place) for place in ends}
            await self._read_on(consumer, begins, ends)
        finally:
            with suppress(KafkaError, OSError):
                await consumer.stop()

    async def _sought(self, consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
        """Go to the beginning of the span in each partition that can hold some of it; where each ends."""
        places = sorted(consumer.assignment())
        if self._key:
            numbers = [place.partition for place in places]
            own = DefaultPartitioner()(self._key, numbers, numbers)
            consumer.pause(*(place for place in places if place.partition != own))
            places = [place for place in places if place.partition == own]
        starts = await consumer.offsets_for_times(dict.fromkeys(places, self._wanted.begin))
        ends = await consumer.end_offsets(places)
        held = {place: start.offset for place, start in starts.items() if start is not None}
        if gone := [place for place in places if place not in held]:
            consumer.pause(*gone)
        for place, offset in held.items():
            consumer.seek(place, offset)
        return {place: ends[place] for place, offset in held.items() if offset < ends[place]}

    async def _read_on(
        self, consumer: AIOKafkaConsumer, begins: dict[TopicPartition, int], ends: dict[TopicPartition, int]
    ) -> None:
        whole = sum(ends[place] - begins[place] for place in ends)
        left = dict(ends)
        while left:
            for place, records in (await consumer.getmany(*left, timeout_ms=500)).items():
                for record in records:
                    if record.offset < ends[place]:
                        self._take(record)
            done = [await consumer.position(place) - begins[place] for place in ends]
            self._report(min(1.0, sum(done) / whole))
            left = {place: end for place, end in left.items() if await consumer.position(place) < end}

    def _take(self, record: Any) -> None:
        if self._key and record.key != self._key:
            if record.key:
                self._others.add(record.key.decode(errors="replace"))
            return
        raw = self._filter.trimmed(record.value or b"")
        if raw is not None:
            key = (record.key or b"").decode(errors="replace")
            self._found.append(TrialInput(record.timestamp, TELEMETRY, key, raw))

    def messages(self) -> list[TrialInput]:
        """What was found, in the order of time; Refused where it is nothing."""
        if self._found:
            return sorted(self._found, key=lambda message: message.at)
        back = length((self._wanted.end - self._wanted.begin) // 1_000 * 1_000)
        of = f"of gateway {self._wanted.gateway!r:.60} " if self._wanted.gateway else ""
        near = nearest(self._wanted.gateway, sorted(self._others)) if self._wanted.gateway else []
        hint = f"; did you mean {near[0]!r:.60}?" if near else ": `tocsin gateways list` says who was heard"
        raise Refused(f"nothing {of}was recorded within the last {back}{hint}")

    def remarks(self) -> list[str]:
        """What is odd about it: it begins late, or some of it could not be read."""
        said = []
        first = min(message.at for message in self._found)
        if first > self._wanted.begin + LATE:
            said.append(f"what is recorded begins at {spell(first)}: nothing was kept, or sent, before")
        if self._filter.unreadable:
            said.append(f"{self._filter.unreadable} records could not be read, and were left out")
        return said
