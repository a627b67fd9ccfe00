"""What is done to Kafka: a broker is killed or stands still, or all are restarted, each when the last is in sync.

Of several brokers only one is disturbed at a time, as the loss of one is what they are to bear; the processes around
them are disturbed meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from typing import Protocol

from deploy.embedded.broker import Broker
from deploy.embedded.brokers import Brokers
from tests.chaos.disruption import Disruption
from tests.kafka.choice import Kafka
from tests.kafka.in_sync import until_in_sync

KILL, FREEZE, ROLL = "kill", "freeze", "roll"
KIND = "broker"
FROZEN = 15.0  # seconds that a broker stands still; long before that others lead what it led


class Restartable(Protocol):
    """One broker, or a Kafka that is only one."""

    def start(self) -> object:
        """Start it, and return when it serves."""
        ...

    def stop(self) -> None:
        """End it in order."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


class BrokerDeeds:
    """`done`: where each deed is noted."""

    def __init__(self, kafka: Kafka, chance: random.Random, done: list[Disruption]) -> None:
        """`kafka` has been started."""
        self._kafka, self._random, self._done = kafka, chance, done
        several = kafka.each if isinstance(kafka, Brokers) else {}
        self._each: dict[str, Restartable] = {f"{KIND}-{number}": one for number, one in several.items()}
        self._each = self._each or {KIND: kafka}
        self._doing: asyncio.Task[None] | None = None

    def bag(self, processes: int) -> list[tuple[str, str]]:
        """Deeds and names, for so many processes; of several brokers each is met as often as the only one would be."""
        several = len(self._each) > 1
        often = max(1, processes // (8 if several else 5))
        deeds = (KILL, KILL, FREEZE) if several else (KILL,)
        bag = [(deed, name) for deed in deeds for name in self._each]
        return (bag + [(ROLL, KIND)] * (2 if several else 0)) * often

    def concerns(self, name: str) -> bool:
        """Whether a name in the bag is ours."""
        return name == KIND or name in self._each

    @property
    def busy(self) -> bool:
        """Whether a broker is away, or has not caught up."""
        return self._doing is not None and not self._doing.done()

    async def begin(self, deed: str, name: str) -> None:
        """Do it; where there are several brokers, all else goes on meanwhile."""
        deeds = {KILL: self._kill, FREEZE: self._freeze, ROLL: self._roll}
        self._doing = asyncio.create_task(deeds[deed](name))
        if len(self._each) == 1:
            await self._doing

    async def finish(self) -> None:
        """Return when all brokers are back and in sync; raises what has gone wrong with them."""
        if self._doing is not None:
            await self._doing

    async def _kill(self, name: str) -> None:
        broker, deed = self._each[name], self._note(KILL, name)
        broker.kill()
        await asyncio.sleep(self._random.uniform(0.0, 2.0))
        await self._start(broker, deed)

    async def _freeze(self, name: str) -> None:
        broker, deed = self._each[name], self._note(FREEZE, name)
        assert isinstance(broker, Broker)
        assert broker.pid
        os.kill(broker.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(FROZEN)
        finally:
            os.kill(broker.pid, signal.SIGCONT)
        deed.until = time.time()
        await until_in_sync(self._kafka.bootstrap)

    async def _roll(self, _: str) -> None:
        for name, broker in self._each.items():
            deed = self._note(ROLL, name)
            await asyncio.to_thread(broker.stop)
            await self._start(broker, deed)

    async def _start(self, broker: Restartable, deed: Disruption) -> None:
        await asyncio.to_thread(broker.start)
        deed.until = time.time()
        if len(self._each) > 1:
            await until_in_sync(self._kafka.bootstrap)

    def _note(self, deed: str, name: str) -> Disruption:
        self._done.append(Disruption(deed, name, time.time()))
        return self._done[-1]
