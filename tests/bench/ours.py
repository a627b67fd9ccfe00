"""Our system as the benchmarks run it: the embedded Kafka, the three stages and the webhook sink, a process each."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.embedded.broker import Broker
from deploy.embedded.java import Profile
from deploy.embedded.runtime import install
from deploy.kafka.topics import Topics
from streams.documents.document import PLATFORM
from streams.messages.command import Command, Principal, PutDocument
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import CONFIG, INBOX, STAGES, TELEMETRY
from tests.chaos.process import Process

KEY = "bench-" + "k" * 32
READY = dict.fromkeys(STAGES, r'"owned"') | {"webhook": "started"}


class Ours:
    """`processes` by name; the broker is the one that a user gets (`make up`)."""

    def __init__(self, folder: Path, webhook: int, more: Mapping[str, str] | None = None) -> None:
        """`webhook`: port of the receiver; `more`: settings by their environment name."""
        self._folder, self._webhook = folder, webhook
        self.broker = Broker(folder / "kafka", install(os.environ), profile=Profile.DAILY)
        self.signer, self._more = Signer([KEY.encode()]), more or {}
        self.processes: dict[str, Process] = {}

    @property
    def environment(self) -> dict[str, str]:
        """The settings of every process."""
        return {
            "TOCSIN_KAFKA_BOOTSTRAP": self.broker.bootstrap,
            "TOCSIN_SYSTEM_KEYS": KEY,
            "TOCSIN_SEAL_KEYS": "A" * 43 + "=",
            "TOCSIN_DATA": str(self._folder / "state"),
            "TOCSIN_LOG_LEVEL": "info",
            **self._more,
        }

    @property
    def settings(self) -> Settings:
        """The same, read."""
        return Settings.read(self.environment)

    @property
    def pids(self) -> dict[str, int]:
        """What is counted."""
        assert self.broker.pid
        return {"broker": self.broker.pid} | {name: one._process.pid for name, one in self.processes.items()}

    def log_bytes(self, topic: str) -> int:
        """What the records of a topic take on disk."""
        segments = (self._folder / "kafka").rglob(f"{topic}-*/*.log")
        return sum(segment.stat().st_size for segment in segments)

    def run(self, name: str, *words: str) -> Process:
        """One more process that is counted and ended with the rest."""
        made = self.processes[name] = Process(f"{name}-0", self._folder / "log", self.environment, *words)
        return made

    def __enter__(self) -> Self:
        """Start everything but the bridge."""
        self.broker.start()
        try:
            asyncio.run(Topics(self.settings, self.signer).create())
            for stage in STAGES:
                self.run(stage, "agents", stage)
            self.run("webhook", "sinks", "webhook")
            for name, word in READY.items():
                self.processes[name].until(word)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End everything, Kafka last."""
        for process in reversed(list(self.processes.values())):
            process.end()
        self.broker.stop()

    def alive(self) -> None:
        """Make sure that nothing has ended: what had would spend nothing."""
        ended = [
            f"{name}: {one.log.read_text()[-300:]}"
            for name, one in self.processes.items()
            if one.exit_code is not None
        ]
        if ended:
            raise RuntimeError(f"ended meanwhile: {'; '.join(ended)}")

    def configure(
        self, rules: Iterable[Mapping[str, Any]], more: Iterable[tuple[str, dict[str, Any]]] = ()
    ) -> None:
        """Rules, the endpoint that hears everything, and `more` documents; returns when they are published."""
        url = f"http://127.0.0.1:{self._webhook}/"
        endpoint = {"name": "default", "channel": "webhook", "url": url, "allow_private": True}
        documents = [("endpoint", endpoint), *(("rule", dict(rule)) for rule in rules), *more]
        asyncio.run(self._put(documents))

    async def _put(self, documents: list[tuple[str, dict[str, Any]]]) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.broker.bootstrap, acks="all", enable_idempotence=True
        )
        await producer.start()
        for kind, body in documents:
            raw = self.signer.sign(_command(kind, body).encode(), INBOX)
            await producer.send(INBOX, raw, key=PLATFORM.encode())
        await producer.stop()
        until = time.monotonic() + 60
        while (await self.ends(CONFIG))[0] < len(documents):
            assert time.monotonic() < until, "the documents were not published"
            await asyncio.sleep(0.2)
        await asyncio.sleep(3.0)  # for their way from `config` into the logs of the stages

    async def ends(self, topic: str) -> list[int]:
        """The next offset of each partition."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.broker.bootstrap)
        await consumer.start()
        try:
            count = 1 if topic == CONFIG else self.settings.partitions
            where = [TopicPartition(topic, p) for p in range(count)]
            ends = await consumer.end_offsets(where)
            return [ends[one] for one in where]
        finally:
            await consumer.stop()

    async def committed(self) -> list[int]:
        """By partition, how far detect has come and handed over."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.broker.bootstrap, group_id="detect", enable_auto_commit=False
        )
        await consumer.start()
        try:
            return [
                await consumer.committed(TopicPartition(TELEMETRY, p)) or 0
                for p in range(self.settings.partitions)
            ]
        finally:
            await consumer.stop()


def _command(kind: str, body: dict[str, Any]) -> Command:
    by, id = Principal(name="bench", admin=True), f"bench/{kind}/{body['name']}"
    return Command(
        id=id,
        at=time.time_ns() // 1_000_000,
        team=PLATFORM,
        by=by,
        action=PutDocument(type=kind, name=body["name"], body=body),
    )
