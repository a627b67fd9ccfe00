"""The process that watches whether alerts arrive: it lets canaries fly, receives them, and speaks without Kafka."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from sinks.canary import word
from sinks.canary.departure import Departure
from sinks.canary.flights import Flights, WatchedTime
from sinks.canary.flock import StagePartitions, names
from sinks.canary.judgement import Judgement, News, judge
from sinks.canary.landing import HERE
from sinks.canary.receiver import receiving
from sinks.canary.speaker import DirectWay, Speaker
from sinks.channels.registry import REGISTRY
from sinks.channels.resources import Resources
from sinks.channels.unseal import Unsealer
from sinks.http.client import HttpClient
from sinks.http.network import Network
from sinks.keys import signer
from sinks.metrics import watch_canaries
from sinks.runtime.broker_clock import now
from streams.canary.receivers import EMAIL, WEBHOOK, canary_receivers
from streams.errors import Misconfigured
from streams.settings import Settings

log = structlog.get_logger()
LOOK = 1.0  # seconds between two looks
SHORTEST = 10_000  # ms; one is over before the next one of its name flies
FILE = "canary.json"


class CanaryWatch:
    """What has flown and arrived, and what has been said of it."""

    def __init__(self, settings: Settings, speaker: Speaker) -> None:
        """Nothing has flown yet; what an earlier process said has not ended."""
        self._time, self._late = WatchedTime(time.monotonic()), settings.canary_late / 1_000
        expected = StagePartitions(*[settings.partitions] * 3)  # until Kafka says how many there are
        self.flights = Flights(names(expected, settings.canary_channel), self._late)
        self._speaker, self._judgement = speaker, Judgement(told=speaker.has_spoken)
        self.departure = Departure(settings, signer(settings), self)

    def fly(self, names: Sequence[str]) -> None:
        """These canaries fly from now on."""
        self.flights.fly(names, self._time.look(time.monotonic()))

    def depart(self, name: str, id: str) -> None:
        """One is about to be sent."""
        self.flights.depart(name, id, self._time.look(time.monotonic()))

    def look(self) -> None:
        """Say what there is to say by now."""
        watched = self._time.look(time.monotonic())
        missing, oldest = self.flights.missing(watched), max(self.flights.ages(watched).values())
        lost = bool(missing) or (self._judgement.told and not self.flights.proven)
        self._judgement, news = judge(self._judgement, lost, watched)
        if news is News.LOST:
            hindrance = self.departure.hindrance
            words = word.lost(len(self.flights.overdue(watched)), len(self.flights.names), oldest, hindrance)
            self._speaker.lost(words, now() - round(oldest * 1_000))
        elif news is News.BACK:
            self._speaker.back(word.back((now() - self._speaker.since) / 1_000))

    def oldest(self) -> float:
        """How many seconds ago the newest canary left that has arrived, where that is longest."""
        return max(self.flights.ages(self._time.seconds).values())

    def state(self) -> dict[str, Any]:
        """For whoever asks the receiver: of each canary how many seconds ago the newest left that has arrived.

        `proven`: whether one of each has arrived; `told`: whether people were told that some are lost.
        """
        ages = self.flights.ages(self._time.seconds)
        rounded = {name: round(age, 1) for name, age in ages.items()}
        return {"ages": rounded, "proven": self.flights.proven, "told": self._judgement.told}


async def serve(settings: Settings, stopping: asyncio.Event) -> None:
    """Watch until `stopping`; where alerting or canaries are switched off, wait for it."""
    ways = canary_receivers(settings)
    if not settings.enabled or not settings.canary:
        log.info("no canary flies", alerting=settings.enabled, canary=settings.canary)
        await stopping.wait()
        return
    if settings.canary < SHORTEST or settings.canary_late < 2 * settings.canary:
        raise Misconfigured("TOCSIN_CANARY: at least 10s, and at most half of TOCSIN_CANARY_LATE")
    if not ways:
        log.warning("nobody hears where canaries do not arrive", fix=f"{WEBHOOK} or {EMAIL}")
    network = Network(settings.allow_private)
    resources = Resources(Unsealer(()), network, HttpClient(network))
    direct = [DirectWay(endpoint, REGISTRY[endpoint.channel](resources)) for endpoint in ways]
    speaker = Speaker(direct, Path(settings.data) / FILE, now)
    try:
        await _watch(CanaryWatch(settings, speaker), settings, stopping)
    finally:
        await speaker.close()
        await resources.close()


async def _watch(watch: CanaryWatch, settings: Settings, stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def landed(id: str) -> None:
        loop.call_soon_threadsafe(watch.flights.arrive, id)

    watch_canaries(settings, watch.oldest)
    with receiving(settings.canary_listen or HERE, landed, watch.state):
        log.info("canaries are watched", every=settings.canary, late=settings.canary_late)
        flying, stop = asyncio.create_task(watch.departure.run()), asyncio.create_task(stopping.wait())
        try:
            while not stop.done() and not flying.done():
                watch.look()
                await asyncio.wait((flying, stop), timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
            if flying.done():
                flying.result()
        finally:
            flying.cancel()
            stop.cancel()
            await asyncio.gather(flying, return_exceptions=True)
