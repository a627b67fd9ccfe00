"""The watch over the certificates of one source: looks at its targets when they are due, and says what is known.

targets  →  handshakes, some at once  →  frames of one source of one gateway  →  `telemetry`
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress

from sources.contextforge.cause import unreachable
from sources.prober import handshake
from sources.prober.handshake import AWAY, Look
from sources.prober.inspection import Inspection
from sources.prober.target import Stored, Target
from streams.telemetry.shapes import Shapes

BEAT = 30.0  # seconds between two frames: a source is silent after a minute
AGAIN = 60_000  # ms until what is wrong is looked at again: its alert is to end soon after it is mended
TOGETHER = 32  # handshakes under way at once
STEP = 1.0  # seconds between two looks at what is due
Publish = Callable[[str, int, Sequence[bytes]], None]
Looking = Callable[[Target, str], Awaitable[Look]]


class Watch:
    """One source; its targets may be changed while it runs."""

    def __init__(  # what it needs of the world is handed to it
        self,
        gateway: str,
        source: str,
        publish: Publish,
        clock: Callable[[], int],
        every: int,
        look: Looking = handshake.look,
    ) -> None:
        """`clock`: ms UTC; `every`: ms between two looks at what is well."""
        self.gateway, self.source, self.every = gateway, source, every
        self._publish, self._clock, self._look = publish, clock, look
        self._targets: frozenset[Target] = frozenset()
        self._stored: tuple[Stored, ...] = ()
        self._due: dict[Target, int] = {}
        self._inspection, self._shapes = Inspection(), Shapes()
        self._begun = False  # whether a first frame went out: it holds all targets, later ones may hold none
        self._news = asyncio.Event()
        self._room = asyncio.Semaphore(TOGETHER)

    def over(self, targets: Iterable[Target | Stored]) -> None:
        """Watch these from now on; what is new is looked at soon, what is not among them is forgotten."""
        wanted = list(dict.fromkeys(targets))
        stored = tuple(each for each in wanted if isinstance(each, Stored))
        if stored != self._stored:
            self._stored = stored
            self._news.set()
        self._targets = frozenset(each for each in wanted if isinstance(each, Target))
        self._due = {target: self._due.get(target, 0) for target in self._targets}
        self._inspection.keep(self._targets)

    async def run(self) -> None:
        """Look and say for ever; ends by cancellation."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._say())
            while True:
                await self.once()
                await asyncio.sleep(STEP)

    async def once(self) -> None:
        """Look at all that is due."""
        now = self._clock()
        await asyncio.gather(*(self._inspect(target) for target, due in self._due.items() if due <= now))

    def messages(self, at: int) -> list[bytes]:
        """The frame of what is known, at `at` (ms UTC).

        Nothing before each target was looked at once: what was not yet looked at would be taken for gone, and its
        alert for over.
        """
        samples = self._inspection.samples(at, self._stored)
        self._begun = self._begun or (bool(samples) and self._inspection.whole(self._targets))
        if not self._begun:
            return []
        return self._shapes.frame(self.gateway, self.source, at, samples)

    async def _inspect(self, target: Target) -> None:
        """Look at all addresses of a target, and decide when to look again."""
        looks = await self._looks(target)
        if target not in self._targets:
            return
        if self._inspection.put(target, looks):
            self._news.set()
        well = not any(look.faults for look in looks.values())
        self._due[target] = self._clock() + (self.every if well else min(self.every, AGAIN))

    async def _looks(self, target: Target) -> dict[str, Look]:
        """By address; a name that has none has one look that says so."""
        try:
            async with self._room:
                known = await handshake.addresses(target)
        except AWAY as why:
            return {"": Look(None, {"unreachable": unreachable(why).cause})}
        looks = await asyncio.gather(*(self._look_at(target, address) for address in known))
        return dict(zip(known, looks, strict=True))

    async def _look_at(self, target: Target, address: str) -> Look:
        """One look, when there is room for it."""
        async with self._room:
            return await self._look(target, address)

    async def _say(self) -> None:
        """A frame every half minute, and soon after something has changed."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT):
                    await self._news.wait()
            self._news.clear()
            at = self._clock()
            if messages := self.messages(at):
                self._publish(self.gateway, at, messages)
            await asyncio.sleep(STEP)
