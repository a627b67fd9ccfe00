"""The ground that a run stands on: a Kafka of its own, its topics, and the settings that all share."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from cryptography.fernet import Fernet

from deploy.kafka.topics import Topics
from deploy.ports import free_port
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import TOPICS
from tests.kafka.choice import Kafka, choose

KEY = "chaos-" + "k" * 32
TOKEN_KEY = "chaos-" + "t" * 32
Dump = Mapping[int, list["Record"]]  # of a topic, by partition
Dumps = Mapping[str, Dump]  # by topic


@dataclass(frozen=True)
class Record:
    """One record of a dump; `stamp`: ms UTC."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes]
    stamp: int


@dataclass
class Ground:
    """`folder`: everything of the run lies there. `options`: settings by their environment name.

    `brokers`: how many; every topic lies on three of them, where there are so many.
    """

    folder: Path
    partitions: int = 4
    options: Mapping[str, str] = field(default_factory=dict)
    brokers: int = 1
    broker: Kafka = field(init=False)

    def __post_init__(self) -> None:
        """Nothing runs yet."""
        self.broker = choose(self.folder / "kafka", self.brokers)
        self.signer = Signer([KEY.encode()])
        self._seal_key, self._ports = Fernet.generate_key().decode(), dict[str, int]()

    def port(self, name: str) -> int:
        """The port of one server of the run, the same whenever it is asked for."""
        return self._ports.setdefault(name, free_port())

    @property
    def environment(self) -> dict[str, str]:
        """The settings of every process of the run."""
        return {
            "TOCSIN_KAFKA_BOOTSTRAP": self.broker.bootstrap,
            "TOCSIN_SYSTEM_KEYS": KEY,
            "TOCSIN_TOKEN_KEY": TOKEN_KEY,
            "TOCSIN_SEAL_KEYS": self._seal_key,
            "TOCSIN_PARTITIONS": str(self.partitions),
            "TOCSIN_REPLICATION": str(min(3, self.brokers)),
            "TOCSIN_DATA": str(self.folder / "state"),
            "TOCSIN_SESSION": "6s",
            "TOCSIN_WRITE_OUT_DETECT": "3s",
            **self.options,
        }

    @property
    def settings(self) -> Settings:
        """The same, read."""
        return Settings.read(self.environment)

    def start(self, scenario: bool = False) -> Ground:
        """Start Kafka and make the topics."""
        self.broker.start()
        asyncio.run(Topics(self.settings, self.signer, scenario).create())
        return self

    def producer(self) -> AIOKafkaProducer:
        """A producer that is not started; it survives the broker's restarts."""
        return AIOKafkaProducer(
            bootstrap_servers=self.broker.bootstrap, acks="all", enable_idempotence=True, linger_ms=2
        )

    async def behind(self, groups: Mapping[str, str]) -> int:
        """How many records the groups (by name, with their topic) have not committed."""
        total = 0
        for group, topic in groups.items():
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self.broker.bootstrap, group_id=group, enable_auto_commit=False
            )
            await consumer.start()
            try:
                where = [TopicPartition(topic, p) for p in range(self.partitions)]
                ends = await consumer.end_offsets(where)
                total += sum([ends[tp] - (await consumer.committed(tp) or 0) for tp in where])
            finally:
                await consumer.stop()
        return total

    async def dumps(self) -> dict[str, dict[int, list[Record]]]:
        """Every record of every topic."""
        return {topic.name: await self.dump(topic.name) for topic in TOPICS}

    async def dump(self, topic: str) -> dict[int, list[Record]]:
        """Every record of a topic, by partition."""
        consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=self.broker.bootstrap,
            group_id=None,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        try:
            where = sorted(consumer.assignment(), key=lambda tp: int(tp.partition))
            ends = await consumer.end_offsets(where)
            found: dict[int, list[Record]] = {tp.partition: [] for tp in where}
            while any([await consumer.position(tp) < ends[tp] for tp in where]):
                for tp, records in (await consumer.getmany(timeout_ms=500)).items():
                    found[tp.partition] += [
                        Record(r.offset, r.key, r.value, dict(r.headers), r.timestamp) for r in records
                    ]
            return found
        finally:
            await consumer.stop()
