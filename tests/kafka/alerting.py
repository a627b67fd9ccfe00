"""The way of an alert on a Kafka: three stages, the webhook sink, and a receiver that notes when it hears of whom."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

from sources.telemetry.publisher import Publisher, producer
from streams.documents.document import PLATFORM
from streams.messages.command import Command, Principal, PutDocument
from streams.telemetry.samples import frame
from streams.topics import INBOX, STAGES
from tests.bench.catcher import Catcher
from tests.chaos.ground import Ground
from tests.chaos.process import Process
from tests.patience import PATIENCE

LOOK = 0.2  # seconds between two looks at who has ended
AGAIN = 0.5  # seconds between two samples of a gateway, until its alert is heard
PROBE = {"name": "probe", "last": "probe", "above": 50, "for": "0s", "severity": "critical"}


class Alerting:
    """One process of each; who ends is started again, as a supervisor would do it, and stands in `ended` with its code.

    Each breach is on a gateway of its own, so that none waits for another's group.
    """

    def __init__(self, ground: Ground) -> None:
        """`ground` has been started."""
        self._ground, self._catcher = ground, Catcher()
        self._publisher = Publisher(lambda: producer(ground.settings))
        self._processes: list[Process] = []
        self.ended: list[str] = []

    async def __aenter__(self) -> Alerting:
        """Start everything, and return when an alert has come through."""
        self._catcher.__enter__()
        commands = {stage: ("agents", stage) for stage in STAGES} | {"webhook": ("sinks", "webhook")}
        log, environment = self._ground.folder / "log", self._ground.environment
        self._processes = [Process(f"{name}-a", log, environment, *words) for name, words in commands.items()]
        self._beside = [asyncio.create_task(self._publisher.run()), asyncio.create_task(self._supervise())]
        try:
            await self._configure()
            await self._until_heard("first")
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """End everything."""
        for task in self._beside:
            task.cancel()
        await self._publisher.close(2.0)
        await asyncio.gather(*(asyncio.to_thread(process.end) for process in self._processes))
        self._catcher.__exit__()

    async def _supervise(self) -> None:
        while True:
            for process in self._processes:
                if process.exit_code is not None:
                    self.ended.append(f"{process.name} with {process.exit_code}")
                    process.start()
            await asyncio.sleep(LOOK)

    async def breach(self, gateways: Sequence[str]) -> dict[str, float]:
        """Seconds from the one sample of each gateway, all handed over now, to the webhook of its alert."""
        begun = time.monotonic()
        for name in gateways:
            self._publish(name)
        while missing := set(gateways) - self._catcher.heard().keys():
            assert time.monotonic() < begun + PATIENCE, f"never heard: {sorted(missing)}; {self.ended}"
            await asyncio.sleep(0.005)
        heard = self._catcher.heard()
        return {name: heard[name] - begun for name in gateways}

    async def _until_heard(self, gateway: str) -> None:
        """Say it again and again: until the rule has arrived, a sample causes nothing."""
        end = time.monotonic() + PATIENCE
        while gateway not in self._catcher.heard():
            assert time.monotonic() < end, f"no alert came through; {self.ended}"
            self._publish(gateway)
            await asyncio.sleep(AGAIN)

    def _publish(self, gateway: str) -> None:
        at = time.time_ns() // 1_000_000
        self._publisher.publish(gateway, at, list(frame(gateway, "test", at, ["probe"], [99.0])))

    async def _configure(self) -> None:
        url = f"http://127.0.0.1:{self._catcher.port}/"
        endpoint: dict[str, Any] = {
            "name": "default", "channel": "webhook", "url": url, "allow_private": True,
        }  # fmt: skip
        sender: AIOKafkaProducer = self._ground.producer()
        await sender.start()
        try:
            for kind, body in (("endpoint", endpoint), ("rule", PROBE)):
                raw = self._ground.signer.sign(_command(kind, body).encode(), INBOX)
                await sender.send_and_wait(INBOX, raw, key=PLATFORM.encode())
        finally:
            await sender.stop()


def _command(kind: str, body: dict[str, Any]) -> Command:
    by, at = Principal(name="test", admin=True), time.time_ns() // 1_000_000
    action = PutDocument(type=kind, name=str(body["name"]), body=body)
    return Command(id=f"test/{kind}", at=at, team=PLATFORM, by=by, action=action)
