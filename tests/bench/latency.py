"""From a breach that is published to the webhook that tells of it, with half of the machine's processors idle.

Ours: the moment is when the sample is handed to the producer of `telemetry`. Theirs: when the sample stands on the
page that is scraped. Each breach is on a gateway of its own, so that none waits for another's group.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sources.telemetry.publisher import Publisher, producer
from streams.telemetry.samples import frame
from tests.bench import theirs as other
from tests.bench.account import CORES, busy
from tests.bench.catcher import Catcher
from tests.bench.cpu import targets
from tests.bench.load import LIMIT, Load, rules
from tests.bench.options import Options
from tests.bench.ours import Ours
from tests.bench.theirs import Theirs
from tests.chaos.process import Process

GATEWAYS, BUSY = 10, 0.5  # of the load beside; the share of all processors that is kept busy
PAUSE = (0.1, 0.4)  # seconds between two breaches, at random, so that they meet every phase of a scrape
REFRESH, AFTER = 10.0, 8.0  # seconds between two samples of a quiet probe; and for the last webhook
PROBE: dict[str, Any] = {
    "name": "bench-probe",
    "last": "bench_probe",
    "above": LIMIT,
    "for": "0s",
    "keep_firing_for": "0s",
    "severity": "critical",
}


class Breaches:
    """`begun`: when each probe's breach was published, steady seconds."""

    def __init__(self, count: int) -> None:
        """All are quiet."""
        self.names = [f"probe-{n:03d}" for n in range(count)]
        self.begun: dict[str, float] = {}

    def value(self, name: str) -> float:
        """A probe's value now."""
        return 99.0 if name in self.begun else 1.0

    def page(self) -> bytes:
        """All probes, to be scraped."""
        lines = (f'bench_probe{{gateway="{name}"}} {self.value(name)}' for name in self.names)
        return ("# TYPE bench_probe gauge\n" + "\n".join(lines) + "\n").encode()

    async def run(self, publish: Callable[[str], None]) -> None:
        """One after the other, in an order and at moments that nobody can know."""
        chance = random.Random(7)
        for name in chance.sample(self.names, len(self.names)):
            await asyncio.sleep(chance.uniform(*PAUSE))
            self.begun[name] = time.monotonic()
            publish(name)
        await asyncio.sleep(AFTER)

    def figures(self, heard: dict[str, float]) -> dict[str, Any]:
        """Percentiles, ms; `unheard` must be 0."""
        took = sorted((heard[name] - begun) * 1e3 for name, begun in self.begun.items() if name in heard)
        if not took:
            return {"breaches": len(self.begun), "unheard": len(self.begun)}
        at = {name: round(took[min(len(took) - 1, int(len(took) * share))], 1) for name, share in _SHARES}
        return {"breaches": len(self.begun), "unheard": len(self.begun) - len(took), **at}


_SHARES = (("p50_ms", 0.5), ("p90_ms", 0.9), ("p99_ms", 0.99), ("worst_ms", 1.0))


def measure(options: Options) -> dict[str, Any]:
    """Both systems, one after the other, and the ratios of their percentiles."""
    found: dict[str, Any] = {"ours": _ours(options, options.folder / "ours")}
    if not (options.theirs and other.present()):
        return found | {"skipped": other.ABSENT}
    found["theirs"] = _theirs(options, options.folder / "theirs")
    ratios = {p: round(found["ours"][f"{p}_ms"] / found["theirs"][f"{p}_ms"], 4) for p in ("p50", "p99")}
    return found | {"ratio": ratios}


def _ours(options: Options, folder: Path) -> dict[str, Any]:
    load, breaches = Load(GATEWAYS, options.series), Breaches(options.breaches)
    with targets(folder, load) as (port, _), Catcher() as catcher, Ours(folder, catcher.port) as ours:
        ours.configure([*rules(), PROBE])
        ours.run("bridge", "tests.bench.bridge", str(port), str(load.gateways))
        idle = _beside(folder, options.warm, lambda: _published(ours, breaches))
        ours.alive()
        return breaches.figures(catcher.heard()) | idle


async def _published(ours: Ours, breaches: Breaches) -> None:
    publisher = Publisher(lambda: producer(ours.settings))

    def publish(name: str) -> None:
        at = time.time_ns() // 1_000_000
        publisher.publish(name, at, list(frame(name, "probe", at, ["bench_probe"], [breaches.value(name)])))

    async def refresh() -> None:
        while True:
            for name in breaches.names:
                publish(name)
                await asyncio.sleep(REFRESH / len(breaches.names))

    beside = [asyncio.ensure_future(publisher.run()), asyncio.ensure_future(refresh())]
    await asyncio.sleep(2 * REFRESH)
    await breaches.run(publish)
    for task in beside:
        task.cancel()
    await publisher.close(2.0)


def _theirs(options: Options, folder: Path) -> dict[str, Any]:
    load, breaches = Load(GATEWAYS, options.series), Breaches(options.breaches)
    with ExitStack() as stack:
        port, _ = stack.enter_context(targets(folder, load))
        catcher = stack.enter_context(Catcher(breaches.page))
        stack.enter_context(Theirs(folder, catcher.port, port, load.gateways, probes=True))
        idle = _beside(folder, options.warm, lambda: breaches.run(_nothing))
        return breaches.figures(catcher.heard()) | idle


def _nothing(_: str) -> None:
    """The page says it."""


def _beside(folder: Path, warm: float, work: Callable[[], Coroutine[Any, Any, None]]) -> dict[str, Any]:
    """Do the work beside a regulated load; how much of the machine was idle meanwhile."""
    burner = Process("burner-0", folder, {}, "tests.bench.burner", str(BUSY))
    try:
        time.sleep(warm)
        before, began = busy()[0], time.monotonic()
        asyncio.run(work())
        share = (busy()[0] - before) / (time.monotonic() - began) / CORES
        return {"idle_share": round(1 - share, 2)}
    finally:
        burner.end()
