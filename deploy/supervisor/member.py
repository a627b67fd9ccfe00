"""One child at run time: started, watched until it is ready, restarted, stopped."""

from __future__ import annotations

import asyncio
import os
import time
from asyncio.subprocess import Process
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from deploy.supervisor.child import Child, Restart
from deploy.supervisor.heart import EVERY, Heart
from deploy.supervisor.logfile import bound, rotate, tail
from deploy.supervisor.process import end_group, leashed
from deploy.supervisor.restart import HEALTHY_AFTER, Again, Done, GiveUp, decide

_PROBE_EVERY = 0.1  # seconds
SILENT = 15.0  # seconds after which a start is worth a line
_BOUND_EVERY = 30.0  # seconds between two looks at the size of the log


class Member:
    """A declared child together with its process, its log and whether it has ever been ready."""

    def __init__(self, child: Child, logs: Path, tell: Callable[[str], None]) -> None:
        """Nothing runs yet; the log of the last time is put aside."""
        self.child, self.log, self._tell = child, logs / f"{child.name}.log", tell
        self.ready = asyncio.Event()
        self.slot: int | None = None
        self.settled = False  # whether it has ever lived for a minute: to give up before is a failed start
        self._process: Process | None = None
        rotate(self.log)

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def keep(self) -> str | None:
        """Run it again and again; returns None when a step is done, or why it is given up."""
        failures = 0
        while True:
            began = time.monotonic()
            exit_code = await self._run()
            lived = time.monotonic() - began
            self.settled = self.settled or lived >= HEALTHY_AFTER
            match decide(self.child.restart, exit_code, lived, failures):
                case Done():
                    self._set_ready("done", began)
                    return None
                case GiveUp(reason):
                    self._tell(f"{self.child.name} stays down: {reason}; see {self.log}")
                    return reason
                case Again(after, failures, reason):
                    again = f"again in {after:g} s" if after else "again at once"
                    self._tell(f"{self.child.name} {reason} ({tail(self.log)}); {again}, see {self.log}")
                    await asyncio.sleep(after)

    async def _run(self) -> int:
        """One life of the process, from its start to its exit code."""
        began = time.monotonic()
        await self._start()
        assert self._process
        works = (self._probe(began), self._bound(), self._listen(), self._mention())
        beside = [asyncio.create_task(work) for work in works]
        try:
            return await self._process.wait()
        finally:
            for task in beside:
                task.cancel()

    async def _start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        inherit = (*self.child.inherit, *(() if self.slot is None else (self.slot,)))
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *leashed(self.child.argv, self.child.parting),
                env={**os.environ, **self.child.env},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=inherit,
                start_new_session=True,
            )

    async def _bound(self) -> None:
        while True:
            await asyncio.sleep(_BOUND_EVERY)
            with suppress(OSError):  # a full disk: the child has the worse trouble, and says so itself
                await asyncio.to_thread(bound, self.log)

    async def _mention(self) -> None:
        """Say what a child says that is not ready for long, again and again until it is."""
        pause = SILENT
        while not self.ready.is_set():
            await asyncio.sleep(pause)
            if not self.ready.is_set():
                self._tell(f"{self.child.name} is not ready yet; {self.log} says: {tail(self.log)}")
            pause = 2 * SILENT

    async def _listen(self) -> None:
        """End a child that gives no sign of life any more; its restart follows."""
        if self.child.sign is None:
            return
        heart, first = Heart(), max(self.child.silence, self.child.ready_within)
        while True:
            await asyncio.sleep(EVERY)
            sign = await asyncio.to_thread(self.child.sign)
            silence = heart.look(time.monotonic(), sign)
            if silence > (self.child.silence if heart.beats else first):
                self._tell(f"{self.child.name} has given no sign of life for {silence:.0f} s and is ended")
                self._kill()
                return

    async def _probe(self, began: float) -> None:
        """Watch a server until it is ready; one that never gets there is ended, which leads to a restart."""
        if self.child.restart is Restart.UNTIL_DONE:
            return
        while not await asyncio.to_thread(self.child.ready):
            if time.monotonic() - began > self.child.ready_within:
                self._tell(f"{self.child.name} was not ready in {self.child.ready_within:g} s")
                self._kill()
                return
            await asyncio.sleep(_PROBE_EVERY)
        self._set_ready("ready" if not self.ready.is_set() else "ready again", began)

    def _set_ready(self, word: str, began: float) -> None:
        self._tell(f"{self.child.name} {word} ({time.monotonic() - began:.1f} s)")
        self.ready.set()

    async def stop(self, grace: float, hurry: asyncio.Event) -> None:
        """SIGTERM, and SIGKILL after `grace` seconds or when `hurry` is set."""
        if self._process is None or self._process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()
        ended = asyncio.create_task(self._process.wait())
        impatient = asyncio.create_task(hurry.wait())
        await asyncio.wait((ended, impatient), timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        impatient.cancel()
        if not ended.done():
            self._tell(f"{self.child.name} does not stop and is killed")
            self._kill()
        await ended

    def _kill(self) -> None:
        if self.pid is not None:
            end_group(self.pid)

    def last_words(self) -> str:
        """What it said last that reads like a reason."""
        return tail(self.log)
