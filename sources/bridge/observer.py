"""From looks at a gateway to messages for `telemetry`: pure, with a memory of what was said last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sources.bridge import frames, remedy
from sources.bridge.gateway_health import GatewayTrouble, TroubleMemory
from sources.bridge.poll import Poll
from sources.bridge.self_report import STATUSES, HealthChecker, registered
from sources.contextforge.answer import (
    Answer,
    Garbage,
    Limited,
    Outcome,
    Partial,
    Trouble,
    Unauthorised,
    Unavailable,
)
from sources.contextforge.upstream import Upstream, distinct, named
from sources.prober.gateway_certificates import OWN, UPSTREAMS
from streams.errors import Refused
from streams.messages.event import OWNERS, STOPPED, Event
from streams.telemetry.series import spell

REPEAT = 300_000  # ms after which the owners of upstreams are said again
BRIDGE = "bridge"


class Observer:
    """The messages of one gateway, in the order of its polls."""

    def __init__(self, gateway: str, team: str = "") -> None:
        """`gateway`: its name with us; `team`: whose it is, "" where it is nobody's."""
        self._gateway, self._frames = gateway, frames.Frames(gateway)
        self._owners: dict[str, Any] = {"team": team} if team else {}  # what an inventory says
        self._said: dict[str, tuple[int, dict[str, Any]]] = {}  # event type → when, and what
        self._memory = TroubleMemory()
        self._checker = HealthChecker()
        self._upstreams_trouble: dict[str, Trouble] = {}  # of the newest list that was asked for
        self._listed = 0  # upstreams that are watched, in that list
        self._hidden: int | None = None  # how many were hidden at the list before
        self.troubles: list[GatewayTrouble] = []  # what was wrong at the last poll

    def messages(
        self,
        poll: Poll,
        teams: Mapping[str, str] | None = None,
        refused: Mapping[str, Unauthorised] | None = None,
    ) -> list[bytes]:
        """All that one poll has to say. `teams`: slugs by id, as far as known.

        `refused`: paths that the token may not read, without which some rules are blind and nothing else is lost.
        """
        if poll.down:
            state = self._inventory(poll.at)
            state += self._health(poll.at, {"gateway_up": 0.0}, {remedy.ALIVE: poll.down})
            return state + self._event(poll.at, "gateway_unreachable", self._memory.words(remedy.ALIVE))
        self._said.pop("gateway_unreachable", None)
        metrics, lost = self._metrics(poll)
        upstreams, partial = self._upstreams(poll, teams or {})
        if poll.upstreams is not None:
            self._upstreams_trouble = _trouble(remedy.UPSTREAMS, poll.upstreams) or partial
        troubles = lost | self._upstreams_trouble
        blind = {path: trouble for path, trouble in troubles.items() if not isinstance(trouble, Partial)}
        state = self._health(
            poll.at, _state(poll, not blind) | self._checks(poll), {**(refused or {}), **troubles}
        )
        rest = state + self._lost(poll.at, blind) + self._unready(poll) + upstreams + metrics
        # whose it is comes first: it says which rules may read the rest
        return self._inventory(poll.at) + rest

    def _inventory(self, at: int) -> list[bytes]:
        return self._event(at, OWNERS, self._owners, REPEAT) if self._owners else []

    def _health(self, at: int, state: dict[str, float], troubles: Mapping[str, Trouble]) -> list[bytes]:
        self.troubles = self._memory.now(at, troubles)
        wrong = [series for trouble in self.troubles for series in trouble.series()]
        return self._frames.health(at, state | dict.fromkeys(wrong, 1.0))

    def _metrics(self, poll: Poll) -> tuple[list[bytes], dict[str, Trouble]]:
        if not isinstance(poll.metrics, Answer):
            return [], _trouble(remedy.METRICS, poll.metrics)
        try:
            return self._frames.scraped(frames.METRICS, poll.at, poll.metrics.value), {}
        except Refused as why:
            return [], {remedy.METRICS: Garbage(str(why))}

    def _checks(self, poll: Poll) -> dict[str, float]:
        """For how long the gateway's own health checker has stood still, where the gateway says that."""
        if not isinstance(poll.metrics, Answer):
            return {}
        silent = self._checker.silent(poll.at, poll.metrics.value, self._listed > 0)
        return {} if silent is None else {"health_checker_silent_seconds": silent}

    def _unseen(self, poll: Poll, listed: Sequence[Upstream]) -> Partial | None:
        """How many upstreams the token does not show; one that comes or goes between two answers is not counted."""
        total = registered(poll.metrics.value) if isinstance(poll.metrics, Answer) else None
        if total is None:
            return None
        shown = sum(upstream.status in STATUSES for upstream in listed)
        hidden = max(0, total - shown)
        before, self._hidden = self._hidden, hidden
        return Partial(0 if before is None else min(hidden, before), total)

    def _upstreams(self, poll: Poll, teams: Mapping[str, str]) -> tuple[list[bytes], dict[str, Trouble]]:
        """Messages about the list of upstreams, and what is hidden of it."""
        if not isinstance(poll.upstreams, Answer):
            return [], {}
        listed = named(distinct(poll.upstreams.value), teams)
        self._listed = sum(upstream.watched for upstream in listed)
        unseen = self._unseen(poll, listed)
        self._owners = self._owners | {"upstreams": {upstream.name: _owned(upstream) for upstream in listed}}
        hidden = None if unseen is None else unseen.hidden
        messages = self._frames.upstreams(poll.at, listed, hidden)
        return messages, {remedy.UPSTREAMS: unseen} if unseen and unseen.hidden else {}

    def _lost(self, at: int, troubles: Mapping[str, Trouble]) -> list[bytes]:
        if not troubles:
            self._said.pop("telemetry_lost", None)
            return []
        return self._event(
            at, "telemetry_lost", self._memory.words(min(troubles)) | {"lost": sorted(troubles)}
        )

    def _unready(self, poll: Poll) -> list[bytes]:
        if isinstance(poll.ready, Answer) and poll.ready.value:
            return self._event(poll.at, "gateway_not_ready", {"items": poll.ready.value})
        self._said.pop("gateway_not_ready", None)
        return []

    def _event(
        self, at: int, what: str, attributes: dict[str, Any], repeat: int | None = None
    ) -> list[bytes]:
        """The event, if it says something new, or the old again after `repeat` ms."""
        when, before = self._said.get(what, (at, None))
        if before == attributes and (repeat is None or at - when < repeat):
            return []
        self._said[what] = (at, attributes)
        name = f"{self._gateway}/{BRIDGE}/{what}/{at}"
        return [
            Event(
                id=name, at=at, gateway=self._gateway, source=BRIDGE, type=what, attributes=attributes
            ).encode()
        ]


def farewell(gateway: str, at: int) -> list[bytes]:
    """No source of this gateway will be heard again, on purpose: nobody is to wait for it. `at`: ms UTC."""
    sources = (frames.HEALTH, frames.UPSTREAMS, frames.METRICS, OWN, UPSTREAMS)
    return [
        Event(
            id=f"{gateway}/{source}/{STOPPED}/{at}", at=at, gateway=gateway, source=source, type=STOPPED
        ).encode()
        for source in sources
    ]


def _state(poll: Poll, telemetry: bool) -> dict[str, float]:
    """What is known of the gateway; a series that is not known is left out, never guessed."""
    state = {"gateway_telemetry_up": float(telemetry)}
    if not (isinstance(poll.health, Limited) and not poll.health.asked):
        state["gateway_up"] = 1.0
    if isinstance(poll.ready, Answer | Unavailable):
        state["gateway_ready"] = float(isinstance(poll.ready, Answer) and not poll.ready.value)
    return state | {
        spell("rate_limit_used_ratio", {"dimension": "ip", "limit": str(limit)}): round(share, 4)
        for limit, share in sorted(poll.limits_used.items())
    }


def _trouble(path: str, outcome: Outcome[Any] | None) -> dict[str, Trouble]:
    return {} if outcome is None or isinstance(outcome, Answer) else {path: outcome}


def _owned(upstream: Upstream) -> dict[str, Any]:
    owned = {
        "id": upstream.id,
        "team": upstream.team,
        "owner": upstream.owner,
        "reachable": upstream.reachable,
    }
    return owned | ({"error": upstream.error} if upstream.error else {})
