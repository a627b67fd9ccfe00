"""All that lies outside the product and that it works for: a gateway, people at the API, and who receives webhooks."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.chaos.gateway import Gateway
from tests.chaos.ground import Ground
from tests.chaos.kind import APIS
from tests.chaos.people import People
from tests.chaos.product import RECEIVER
from tests.chaos.receiver import Receiver

UNTOLD = 60.0  # seconds that people are given at the end to hear what became of what they asked for


class Outside:
    """`receiver`, `gateway` and `people`, for one run."""

    def __init__(self, ground: Ground, seed: int) -> None:
        """The receiver receives; the others begin with `start`."""
        self._data = Path(ground.settings.data)
        self.receiver, self.gateway = Receiver(ground.port(RECEIVER), seed), Gateway()
        self.people = People([f"http://127.0.0.1:{ground.port(name)}" for name in APIS], seed)

    async def start(self) -> None:
        """Let the bridge find its gateway, and let people act."""
        await self.gateway.start(self._data)
        self._over = asyncio.Event()
        self._acting = asyncio.create_task(self.people.run(self._over.is_set))

    async def calm(self) -> None:
        """No more bad days; nobody begins anything new, and everybody hears what became of what they asked for."""
        self.receiver.moody = False
        self._over.set()
        await asyncio.wait([self._acting], timeout=UNTOLD)
        self._acting.cancel()
        await asyncio.gather(self._acting, return_exceptions=True)

    async def stop(self) -> None:
        """Close what serves."""
        self.receiver.close()
        await self.gateway.stop()
