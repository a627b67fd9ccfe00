"""A real Kafka with all topics, and the sinks that run on it as processes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from cryptography.fernet import Fernet

from sinks.runtime.partition import ranges
from streams.messages.attempt import Attempt
from streams.messages.envelope import decode
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import DEAD_LETTER, NOTIFY
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
KEY = "a key of the system for tests"
SIGNER = Signer([KEY.encode()])


@dataclass
class Ground:
    """A Kafka with all topics, and the sinks that run on it as processes."""

    settings: Settings
    environment: dict[str, str]
    log: Path
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start(self, *words: str, **more: str) -> asyncio.subprocess.Process:
        """Start a sink; what it says is added to the log."""
        with self.log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "sinks", *words, cwd=ROOT, env=self.environment | more, stderr=out
            )
        self.processes.append(process)
        return process

    async def say(self, topic: str, *records: tuple[str, bytes]) -> None:
        """Produce records, each a key and a value."""
        async with AIOKafkaProducer(bootstrap_servers=self.settings.bootstrap, acks="all") as producer:
            for sent in [await producer.send(topic, raw, key=key.encode()) for key, raw in records]:
                await sent

    async def attempts(self, *attempts: Attempt, channel: str = "webhook") -> None:
        """Say attempts, as deliver does."""
        records = [(one.notification.to, SIGNER.sign(one.encode(), f"send.{channel}")) for one in attempts]
        await self.say(f"send.{channel}", *records)

    async def read(self, topic: str, enough: Callable[[list[Any]], bool]) -> list[Any]:
        """The records of a topic from its beginning, until they are enough."""
        found: list[Any] = []
        async with AIOKafkaConsumer(
            topic, bootstrap_servers=self.settings.bootstrap, auto_offset_reset="earliest"
        ) as consumer:
            until = asyncio.get_running_loop().time() + PATIENCE
            while not enough(found) and asyncio.get_running_loop().time() < until:
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found += records
        return found

    async def outcomes(self, *names: str) -> list[dict[str, Any]]:
        """What deliver would hear, verified, until it has heard of all these notifications."""
        heard: set[str] = set()

        def enough(records: list[Any]) -> bool:
            heard.update(decode(record.value)["notification"] for record in records)
            return heard >= set(names)

        records = await self.read(NOTIFY, enough)
        for record in records:
            SIGNER.verify(record.value, NOTIFY)
        assert heard >= set(names), f"never heard of {sorted(set(names) - heard)}"
        return [decode(record.value) for record in records]

    async def letters(self, count: int) -> list[dict[str, bytes]]:
        """The headers of this many dead letters."""
        return [dict(one.headers) for one in await self.read(DEAD_LETTER, lambda found: len(found) >= count)]

    async def says(self, words: str) -> bool:
        """Whether a sink comes to say this."""
        for _ in range(round(10 * PATIENCE)):
            if words in self.log.read_text():
                return True
            await asyncio.sleep(0.1)
        return False

    async def committed(self, group: str = "sink-webhook") -> int:
        """The sum of the group's offsets."""
        return sum(max(0, one.offset) for one in (await self.commits(group)).values())

    async def commits(self, group: str = "sink-webhook") -> dict[TopicPartition, Any]:
        """What the group has committed, by partition."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.bootstrap)
        await admin.start()
        offsets = await admin.list_consumer_group_offsets(group)
        await admin.close()
        return dict(offsets)

    async def kept(self, count: int, channel: str = "webhook") -> set[str]:
        """The notifications of `count` attempts of which the channel's group has committed that they are finished."""
        records = await self.read(f"send.{channel}", lambda records: len(records) >= count)
        commits = await self.commits(f"sink-{channel}")
        return {
            decode(record.value)["notification"]["id"]
            for record in records
            for at in [TopicPartition(record.topic, record.partition)]
            if at in commits
            and (
                record.offset < commits[at].offset
                or any(record.offset in beyond for beyond in ranges(commits[at].metadata))
            )
        }


def settled(tmp_path: Path, bootstrap: str) -> Ground:
    """Settings and environment for a Kafka at this address."""
    said = {
        "TOCSIN_KAFKA_BOOTSTRAP": bootstrap, "TOCSIN_SYSTEM_KEYS": KEY, "TOCSIN_DATA": str(tmp_path),
        "TOCSIN_SEAL_KEYS": Fernet.generate_key().decode(), "TOCSIN_ALLOW_PRIVATE_WEBHOOKS": "true",
        "TOCSIN_SESSION": "6s", "TOCSIN_PARTITIONS": "2",
    }  # fmt: skip
    return Ground(Settings.read(said), dict(os.environ) | said, tmp_path / "sinks.log")
