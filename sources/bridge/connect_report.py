"""The report of `tocsin connect`: what a token may see of a gateway, what is already broken, and what is out of sight.

Pure but for `survey` and `connect`, which ask the questions.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sources.bridge import remedy
from sources.bridge.exposition import Exposition
from sources.bridge.self_report import STATUSES, registered
from sources.contextforge.answer import Answer, Garbage, Outcome, Partial, Unauthorised, Unreachable
from sources.contextforge.client import AUTH_EVENTS, TEAMS, Client
from sources.contextforge.upstream import Upstream, distinct, named
from streams.errors import Refused

SHOWN = 12  # names in one sentence
LOOKS = 4  # scrapes by which several workers behind one address betray themselves
START = "process_start_time_seconds"
WORKERS = (
    "Several workers answer here in turn, each with its own counters, so rules on counters are blind: set "
    "PROMETHEUS_MULTIPROC_DIR on the gateway, or give each worker an address."
)
PERMISSIONS = "/v1/rbac/my/permissions"


@dataclass(frozen=True, slots=True)
class EndpointCoverage:
    """One endpoint: what it is good for, what it brought, and, where it brought nothing, the fix."""

    path: str
    gives: str
    seen: bool
    says: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class ConnectReport:
    """What was found; `usable`: whether watching makes sense at all."""

    url: str
    who: str
    coverage: tuple[EndpointCoverage, ...]
    upstreams: tuple[Upstream, ...]
    unready: tuple[str, ...]
    workers: int  # how many processes were seen to answer in turn
    unknown: bool = False  # whether the gateway knows no such token, whatever it is asked

    @property
    def answers(self) -> bool:
        """Whether a gateway answers at the address."""
        return self.coverage[0].seen

    @property
    def usable(self) -> bool:
        """Whether the gateway answers, and to this token."""
        return self.answers and not self.unknown

    @property
    def broken(self) -> tuple[Upstream, ...]:
        """Upstreams that are watched and cannot be reached now."""
        return tuple(upstream for upstream in self.upstreams if upstream.watched and not upstream.reachable)

    def sentences(self) -> list[str]:
        """The report, line by line, most important first."""
        return [*self._found(), *self._digest(), *self._blind()]

    def _found(self) -> Iterator[str]:
        if not self.answers:
            health = self.coverage[0]
            yield f"{self.url} does not answer as a ContextForge gateway: {health.says}. {health.fix}"
            return
        yield f"{self.url} answers" + (f"; the token belongs to {self.who}." if self.who else ".")
        for endpoint in self.coverage:
            if endpoint.seen:
                needs = (
                    f" (permission {remedy.PERMISSION[endpoint.path]})"
                    if endpoint.path in remedy.PERMISSION
                    else ""
                )
                yield f"Sees {endpoint.gives}: {endpoint.says} [{endpoint.path}{needs}]."

    def _digest(self) -> Iterator[str]:
        """One digest of what is broken already, however much it is."""
        watched = [upstream for upstream in self.upstreams if upstream.watched]
        if self.unready:
            yield "Not ready: " + "; ".join(self.unready) + "."
        if self.broken:
            yield f"{len(self.broken)} of {len(watched)} upstreams cannot be reached now: {_listed(self.broken)}."
        elif watched:
            yield f"All {len(watched)} enabled upstreams can be reached: {_listed(watched)}."
        asleep = [upstream for upstream in self.upstreams if not upstream.watched]
        if asleep:
            yield f"Not watched, since disabled or not yet registered: {_listed(asleep)}."
        if self.workers > 1:
            yield WORKERS

    def _blind(self) -> Iterator[str]:
        """What is out of sight, together where one change would end it."""
        blind = [endpoint for endpoint in self.coverage if not endpoint.seen] if self.answers else []
        for fix in dict.fromkeys(endpoint.fix for endpoint in blind):
            same = [endpoint for endpoint in blind if endpoint.fix == fix]
            says = "; ".join(dict.fromkeys(endpoint.says for endpoint in same))
            yield f"Blind to {', '.join(endpoint.gives for endpoint in same)} ({says}). {fix}"


async def survey(client: Client) -> ConnectReport:
    """Ask one gateway everything that the bridge will ask, and who we are."""
    health = await client.health()
    if isinstance(health, Unreachable | Garbage):
        return ConnectReport(client.url, "", (_covered("/health", "everything", health, str),), (), (), 0)
    ready, metrics, upstreams, me, permissions, teams = await asyncio.gather(
        client.ready(),
        client.metrics(),
        client.upstreams(),
        client.me(),
        client.permissions(),
        client.teams(),
    )
    logins = await client.auth_events(None)
    scrape, workers = await _looked(client, metrics)
    slugs = teams.value if isinstance(teams, Answer) else {}
    listed = named(distinct(upstreams.value), slugs) if isinstance(upstreams, Answer) else []
    coverage = (
        _covered("/health", "whether it is alive", health, lambda word: word),
        _covered(
            "/ready", "whether its database and cache work", ready, lambda items: "; ".join(items) or "ready"
        ),
        _covered(remedy.METRICS, "requests, errors and latency", scrape, lambda number: f"{number} series"),
        _covered(remedy.UPSTREAMS, "upstreams", upstreams, lambda listed: f"{len(listed)} upstreams"),
        _covered(TEAMS, "the names of teams", teams, lambda listed: f"{len(listed)} teams"),
        _covered(PERMISSIONS, "what the token may do", permissions, _listed_names),
        _covered(
            AUTH_EVENTS,
            "logins that fail and accounts that are locked",
            logins,
            lambda _: "its log of logins",
        ),
        *_hidden(metrics, listed),
    )
    unready = ready.value if isinstance(ready, Answer) else []
    unknown = _unknown(metrics, upstreams, me, permissions, teams)
    return ConnectReport(client.url, _who(me), coverage, tuple(listed), tuple(unready), workers, unknown)


async def _looked(client: Client, metrics: Outcome[str]) -> tuple[Outcome[int], int]:
    """How many series there are, and how many processes answer: each look may meet another one."""
    scrape, starts = _counted(metrics)
    while isinstance(scrape, Answer) and len(starts) < LOOKS:
        starts += _counted(await client.metrics())[1] or [0.0]
    return scrape, len(set(starts) - {0.0})


async def connect(url: str, token: Callable[[], str], verify: ssl.SSLContext | bool = True) -> ConnectReport:
    """The survey of the gateway at `url`; `token`: a TokenFile, or anything that gives the token. Registers nothing."""
    client = Client(url, token, time.monotonic, verify)
    try:
        return await survey(client)
    finally:
        await client.close()


def _covered(path: str, gives: str, outcome: Outcome[Any], says: Callable[[Any], str]) -> EndpointCoverage:
    if isinstance(outcome, Answer):
        return EndpointCoverage(path, gives, True, says(outcome.value))
    return EndpointCoverage(path, gives, False, remedy.status(outcome), remedy.fix(outcome, path))


def _hidden(metrics: Outcome[str], listed: list[Upstream]) -> Iterator[EndpointCoverage]:
    """The upstreams that the gateway counts and does not show to this token, if there are any."""
    total = registered(metrics.value) if isinstance(metrics, Answer) else None
    shown = sum(upstream.status in STATUSES for upstream in listed)
    if total is not None and total > shown:
        trouble = Partial(total - shown, total)
        gives = f"{trouble.hidden} of {trouble.total} upstreams"
        says = "the gateway has them, and this token does not show them"
        yield EndpointCoverage(remedy.UPSTREAMS, gives, False, says, remedy.fix(trouble, remedy.UPSTREAMS))


def _unknown(*outcomes: Outcome[Any]) -> bool:
    """Whether none of the questions that need a token was answered, and the token is why."""
    turned_away = any(isinstance(outcome, Unauthorised) and outcome.status == 401 for outcome in outcomes)
    return turned_away and not any(isinstance(outcome, Answer) for outcome in outcomes)


def _counted(metrics: Outcome[str]) -> tuple[Outcome[int], list[float]]:
    """How many series a scrape has, and when the process started that answered it."""
    if not isinstance(metrics, Answer):
        return metrics, []
    try:
        series, values = Exposition().read(metrics.value)
    except Refused as why:
        return Garbage(str(why)), []
    return Answer(len(series)), [values[series.index(START)]] if START in series else [0.0]


def _who(me: Outcome[dict[str, Any]]) -> str:
    if not isinstance(me, Answer):
        return ""
    return f"{me.value.get('email', '?')}{', an administrator' if me.value.get('is_admin') else ''}"


def _listed(upstreams: tuple[Upstream, ...] | list[Upstream]) -> str:
    return _listed_names(
        [f"{upstream.name} ({upstream.team})" if upstream.team else upstream.name for upstream in upstreams]
    )


def _listed_names(names: list[str]) -> str:
    rest = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(names[:SHOWN]) + rest) or "nothing"
