"""All watches over what probe documents name: one for each, begun and ended as documents and the lease change.

A watch that ends for good says so, that nobody waits for it. Which ones ran stands in `probes.json` of the data
folder, so that one whose document went while nobody ran here is ended at the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import orjson
import structlog

from sources.contextforge.cause import broken_by
from sources.prober.probe_documents import ProbeDocuments
from sources.prober.target import of_probe
from sources.prober.watch import Publish, Watch
from streams.documents.probe import Probe
from streams.messages.event import STOPPED, Event

log = structlog.get_logger()
FILE = "probes.json"
LOOK = 10.0  # seconds between two looks, where nothing changes meanwhile
Key = tuple[str, str]  # team and name of a probe


class Probes:
    """Watches, each with the probe that it was made from; a changed probe is another watch."""

    def __init__(
        self,
        documents: ProbeDocuments,
        data: str | Path,
        publish: Publish,
        clock: Callable[[], int],
        mine: Callable[[str], bool],
    ) -> None:
        """`data`: the data folder; `clock`: ms UTC; `mine`: whether this process speaks for a gateway now."""
        self._documents, self._file = documents, Path(data) / FILE
        self._publish, self._clock, self._mine = publish, clock, mine
        self._running: dict[Key, tuple[Probe, asyncio.Task[None]]] = {}
        self._known = self._kept()  # source → gateway, of all that were ever watched and not ended
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Follow the documents for ever; ends by cancellation."""
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):
                        await self._documents.changed.wait()
                self._documents.changed.clear()
                await self.look()
        finally:
            await self.rest()

    async def look(self) -> None:
        """Follow the documents where they have changed, and the lease where it has moved."""
        async with self._looking:
            probes = self._documents.probes
            wanted = {key: probe for key, probe in probes.items() if self._mine(probe.key)}
            await self._end(
                [
                    key
                    for key, (probe, task) in self._running.items()
                    if wanted.get(key) != probe or _broke(probe, task)
                ]
            )
            for key in sorted(set(wanted) - set(self._running)):
                self._begin(key, wanted[key])
            if self._documents.complete:
                self._leave({source(probe): probe.key for probe in probes.values()})

    async def rest(self) -> None:
        """End all watches; the next look begins those again that are ours then."""
        async with self._looking:
            await self._end(list(self._running))

    def _begin(self, key: Key, probe: Probe) -> None:
        watch = Watch(probe.key, source(probe), self._publish, self._clock, probe.every)
        watch.over(of_probe(probe))
        log.info("probing certificates", probe=probe.name, team=probe.team, gateway=probe.key)
        self._running[key] = probe, asyncio.create_task(watch.run(), name=f"probe {'/'.join(key)}")

    def _leave(self, now: dict[str, str]) -> None:
        """Say for each source that is probed no longer, or for another gateway, that nobody is to wait for it.

        Where the lease of its gateway is not ours, as just after the start, that waits until it is.
        """
        at, waiting = self._clock(), dict[str, str]()
        for name, gateway in sorted(self._known.items()):
            if now.get(name) == gateway:
                continue
            if self._mine(gateway):
                id = f"{gateway}/{name}/{STOPPED}/{at}"
                event = Event(id=id, at=at, gateway=gateway, source=name, type=STOPPED)
                self._publish(gateway, at, [event.encode()])
            else:
                waiting[name] = gateway
        if (known := now | waiting) != self._known:
            self._known = known
            self._keep()

    async def _end(self, keys: list[Key]) -> None:
        tasks = [self._running.pop(key)[1] for key in keys]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _kept(self) -> dict[str, str]:
        try:
            known = orjson.loads(self._file.read_bytes())
        except (OSError, ValueError):
            return {}
        return {str(name): str(gateway) for name, gateway in known.items()} if isinstance(known, dict) else {}

    def _keep(self) -> None:
        draft = self._file.with_suffix(".new")
        try:
            draft.write_bytes(orjson.dumps(self._known))
            draft.replace(self._file)
        except OSError as why:
            log.warning("which probes run could not be kept", file=str(self._file), why=str(why))


def source(probe: Probe) -> str:
    """The source of a probe's samples."""
    return f"prober/{probe.team}/{probe.name}"


def _broke(probe: Probe, task: asyncio.Task[None]) -> bool:
    """Whether a watch has ended by itself, which is a bug that is said; it begins anew, and stops no other."""
    if not task.done():
        return False
    why = None if task.cancelled() else task.exception()
    log.error("a probe broke and begins anew", probe=probe.name, team=probe.team, why=broken_by(why))
    return True
