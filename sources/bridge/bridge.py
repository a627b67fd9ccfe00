"""The bridge of one gateway: polls it on a fixed beat and hands what it saw to the publisher.

    /health, /ready, /v1/gateways, /metrics/prometheus, logins  →  frames and events  →  `telemetry`, key: the gateway

One process polls each gateway: the one that holds its lease (`sources.telemetry.lease`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog

from sources.bridge.auth_log import AuthLog
from sources.bridge.observer import Observer
from sources.bridge.poll import poll
from sources.contextforge.answer import Answer
from sources.contextforge.client import AUTH_EVENTS, Client
from sources.contextforge.upstream import distinct
from sources.prober.gateway_certificates import GatewayCertificates
from streams.calendar.duration import spell

log = structlog.get_logger()
TEAMS = 300_000  # ms for which the names of teams are believed
AGAIN = 60_000  # ms until they are asked for after a refusal
Publish = Callable[[str, int, Sequence[bytes]], None]


class Extras(NamedTuple):
    """What a bridge watches beside its polls; None: it does not."""

    certificates: GatewayCertificates | None = None
    logins: AuthLog | None = None


class Bridge:
    """Polls one gateway for ever; nothing that the gateway does ends it."""

    def __init__(  # what it needs of the world is handed to it
        self,
        gateway: str,
        client: Client,
        publish: Publish,
        clock: Callable[[], int],
        interval: int,
        extras: Extras = Extras(),  # noqa: B008  # it never changes
        team: str = "",
    ) -> None:
        """`gateway`: its name with us; `clock`: ms UTC; `interval`: ms between two polls; `team`: whose it is."""
        self._gateway, self._client, self._publish = gateway, client, publish
        self._clock, self._interval = clock, interval
        self._observer, self._certificates = Observer(gateway, team), extras.certificates
        self._logins = extras.logins
        self._teams: dict[str, str] = {}
        self._at = 0  # ms UTC, of the latest poll
        self._teams_due = 0  # ms UTC
        self._list_due = 0  # ms UTC, of upstreams; a list of many pages is not asked for at every poll
        self._ill: int | None = None  # ms UTC, since when something is wrong

    async def run(self) -> None:
        """Poll and watch certificates for ever; where either breaks both end."""
        async with asyncio.TaskGroup() as tasks:
            if self._certificates:
                tasks.create_task(self._certificates.run())
            await self._poll()

    async def _poll(self) -> None:
        """Poll on the beat; a poll that takes longer than the interval delays the next, and none is made up for."""
        try:
            due = self._clock()
            while True:
                await self.once()
                now = self._clock()
                due = min(max(due + self._interval, now), now + self._interval)  # a clock may be set back
                await asyncio.sleep((due - now) / 1000)
        finally:
            await self._client.close()

    async def once(self) -> None:
        """One poll; its frames carry the instant at which it began."""
        at = self._clock()
        if at < self._at:  # it was set back: what it made due lies far ahead now
            self._teams_due = self._list_due = 0
        self._at = at
        look = await poll(self._client, at, upstreams=at >= self._list_due)
        if look.upstreams is not None:
            self._list_due = at + self._client.upstreams_every
        if self._certificates and isinstance(look.upstreams, Answer):
            self._certificates.over(distinct(look.upstreams.value))
        if at >= self._teams_due and not look.down:
            await self._ask_teams(at)
        logins = await self._logins.news(self._client, at) if self._logins and not look.down else []
        blind = self._logins.refused if self._logins else None
        refused = {AUTH_EVENTS: blind} if blind else {}
        self._publish(self._gateway, at, self._observer.messages(look, self._teams, refused) + logins)
        self._log(at)

    async def _ask_teams(self, at: int) -> None:
        teams = await self._client.teams()
        self._teams_due = at + AGAIN
        if isinstance(teams, Answer):
            self._teams, self._teams_due = teams.value, at + TEAMS

    def _log(self, at: int) -> None:
        """Log once that the gateway turned bad, and once that it is well again, with how long it was not."""
        wrong = [str(trouble) for trouble in self._observer.troubles]
        if wrong and self._ill is None:
            self._ill = at
            log.warning("gateway cannot be watched as it should be", gateway=self._gateway, why=wrong)
        elif not wrong and self._ill is not None:
            log.info(
                "gateway is well again", gateway=self._gateway, after=spell((at - self._ill) // 1000 * 1000)
            )
            self._ill = None
