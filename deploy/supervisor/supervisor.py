"""Keeps a declared set of processes running on one machine: the broker, the stages, the sinks, the API.

It knows nothing of what they do. It starts each one when those that it needs are ready, restarts what ends (with pauses
that grow), and stops all of them in the reverse order. One process per name, held by a slot file.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.slots import Slot
from deploy.supervisor.child import Child
from deploy.supervisor.member import Member
from streams.errors import Misconfigured

GRACE = 15.0  # seconds between SIGTERM and SIGKILL


class Supervisor:
    """The children in the order of their declaration: a child may only come after earlier ones.

    `say` hears of the progress, one line at a time. `directory` keeps logs (`log/NAME.log`) and slots (`slots/NAME`).
    """

    def __init__(
        self,
        children: Sequence[Child],
        directory: Path,
        say: Callable[[str], None] = print,
        grace: float = GRACE,
    ) -> None:
        """Check that the order of the declaration is one in which everything can start."""
        _check(children)
        self._say, self._grace, self._began = say, grace, time.monotonic()
        self._slots = [Slot(directory / "slots" / child.name) for child in children]
        self._members = {child.name: Member(child, directory / "log", self._tell) for child in children}
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._failure: str | None = None

    def _tell(self, line: str) -> None:
        self._say(f"{time.monotonic() - self._began:6.1f} s  {line}")

    @property
    def pids(self) -> dict[str, int]:
        """The process id of each child that runs now."""
        return {name: member.pid for name, member in self._members.items() if member.pid is not None}

    async def run(self, started: Callable[[], None] = lambda: None) -> None:
        """Run until `stop`, Ctrl-C or SIGTERM; `started` is called once when every child has been ready.

        Misconfigured: a slot is taken, or a child gave up in its first minute (everything has been stopped then).
        """
        held = self._claim()
        try:
            with _signals(self.stop):
                await self._run(started)
        finally:
            for descriptor in held:
                os.close(descriptor)
        if self._failure:
            raise Misconfigured(self._failure)

    def _claim(self) -> list[int]:
        held: list[int] = []
        try:
            for slot, member in zip(self._slots, self._members.values(), strict=True):
                held.append(slot.claim())
                member.slot = held[-1]
        except Misconfigured:
            for descriptor in held:
                os.close(descriptor)
            raise
        return held

    async def _run(self, started: Callable[[], None]) -> None:
        tasks = [asyncio.create_task(self._keep(member)) for member in self._members.values()]
        tasks.append(asyncio.create_task(self._announce(started)))
        for task in tasks:
            task.add_done_callback(self._stop_on_a_bug)
        await self._stopping.wait()
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        await self._stop_all()
        for end in ends:
            if isinstance(end, Exception):
                raise end

    def _stop_on_a_bug(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception():
            self.stop()

    async def _announce(self, started: Callable[[], None]) -> None:
        for member in self._members.values():
            await member.ready.wait()
        started()

    async def _keep(self, member: Member) -> None:
        """Start a child when those before it are ready; giving up in its first minute ends everything."""
        for name in member.child.after:
            await self._members[name].ready.wait()
        try:
            reason = await member.keep()
        except OSError as failure:
            reason = f"it could not be started: {failure}"
        if reason and not member.settled:
            words = f"{member.log} says: {member.last_words()}"
            self._failure = f"{member.child.name} did not start: {reason}; {words}"
            self.stop()

    def stop(self) -> None:
        """Begin to stop everything; a second call ends the patience with what is still running."""
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()

    async def _stop_all(self) -> None:
        """A child stops when all that came after it have stopped: so the broker, which all need, goes last."""
        gone = {name: asyncio.Event() for name in self._members}

        async def end(member: Member) -> None:
            for later in self._members.values():
                if member.child.name in later.child.after:
                    await gone[later.child.name].wait()
            await member.stop(self._grace, self._hurry)
            gone[member.child.name].set()

        self._tell("stopping")
        await asyncio.gather(*(end(member) for member in reversed(self._members.values())))
        self._tell("stopped")


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM call `stop` for the length of a block."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _check(children: Sequence[Child]) -> None:
    known: set[str] = set()
    for child in children:
        unknown = set(child.after) - known
        if unknown or child.name in known:
            raise ValueError(
                f"{child.name} is declared twice, or before {', '.join(sorted(unknown)) or 'itself'}"
            )
        known.add(child.name)
