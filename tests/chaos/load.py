"""Load for the tally machines, with a ledger: every acknowledged input is remembered under its place in Kafka."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

from aiokafka.errors import KafkaError

from streams.messages.config import ConfigRevision
from streams.messages.event import Event
from streams.messages.tick import Tick
from streams.topics import CONFIG, TELEMETRY
from tests.chaos.ground import Ground
from tests.chaos.verdict import Ledger

TYPES = ("up", "down", "flap", "login", "denied")
STRANGE = (b"\xff{", b'{"kind":"what"}', b'{"kind":"event","gateway":1}', b"[]", b"")


class Load:
    """Events of gateways, some of them bad, poison, forged or no messages at all; and documents that come and go."""

    def __init__(self, ground: Ground, ledger: Ledger, seed: int, pause: float = 0.02) -> None:
        """`pause`: seconds between two inputs."""
        self._ground, self._ledger, self._random, self._pause = ground, ledger, random.Random(seed), pause
        self._revisions: dict[str, int] = {}
        self.failed = 0
        self.sent = 0

    async def run(self, stopped: Callable[[], bool]) -> None:
        """Feed until told to stop, whatever happens to Kafka in between."""
        self._producer = self._ground.producer()
        await self._producer.start()
        for name in TYPES[:2]:
            await self._document(name)
        while not stopped():
            self.sent += 1
            await self._one()
            await asyncio.sleep(self._pause)
        await self._producer.stop()

    async def _one(self) -> None:
        chance = self._random.random()
        gateway = f"gw{self._random.randrange(12)}"
        if chance < 0.01:
            await self._put(TELEMETRY, gateway, self._random.choice(STRANGE))
        elif chance < 0.012:
            await self._put(TELEMETRY, gateway, Tick(id="forged", at=0, processed=0).encode())
        elif chance < 0.03:
            await self._document(self._random.choice(TYPES))
        else:
            await self._put(
                TELEMETRY,
                gateway,
                self._event(gateway, "bad" if chance > 0.99 else "poison" if chance > 0.988 else ""),
            )

    def _event(self, gateway: str, kind: str) -> bytes:
        at = time.time_ns() // 1_000_000
        return Event(
            id=f"e{self.sent}",
            at=at,
            gateway=gateway,
            source="chaos",
            type=kind or self._random.choice(TYPES),
        ).encode()

    async def _document(self, name: str) -> None:
        revision = self._revisions[name] = self._revisions.get(name, 0) + 1
        body = self._random.choice(
            [{"name": name, "channel": "log"}, None, {"name": name, "channel": "pigeon"}]
        )
        said = ConfigRevision(
            id=f"{name}/{revision}",
            at=0,
            owner="platform",
            type="endpoint",
            name=name,
            revision=revision,
            body=body,
        )
        await self._put(CONFIG, f"platform/endpoint/{name}", self._ground.signer.sign(said.encode(), CONFIG))

    async def _put(self, topic: str, key: str, value: bytes) -> None:
        try:
            sent = await self._producer.send_and_wait(topic, value, key=key.encode())
            self._ledger[sent.topic, sent.partition, sent.offset] = value
        except (KafkaError, OSError):
            self.failed += 1
