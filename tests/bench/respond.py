"""Alerts a second of processor time through respond, beside Alertmanager given the same alerts.

Both have one receiver on loopback and group by rule and gateway: a group is told of a second after its first alert,
and of what joins it five seconds later. The account begins with the first alert and ends when every group was told of,
no webhook comes any more and what is spent has become steady: Alertmanager goes through all of its open alerts once a
group's interval. What the same processes spend when idle is taken off.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer

from streams.messages.envelope import Severity
from streams.messages.verdict import Verdict, Verdicts
from streams.topics import CHANGES, INBOX
from tests.bench import theirs as other
from tests.bench.account import spent
from tests.bench.catcher import Catcher
from tests.bench.options import Options
from tests.bench.ours import Ours
from tests.bench.theirs import Alertmanager

TEAM, RULE = "platform", "0b1d6c0e-5a6a-5a0e-9d3c-6b8f4a1c2d3e"
WAIT = {"group_wait": "1s", "group_interval": "5s"}
MESSAGE, REQUEST = 20, 64  # verdicts of one message of detect; alerts of one request of Prometheus
IDLE, STILL = 6.0, 6.0  # seconds: of the idle account; without new work, longer than a group's interval
STEADY = 0.1  # cores
PATIENCE = 600.0


class Shape(NamedTuple):
    """So many alerts in so many groups, of these severities in turn."""

    alerts: int
    groups: int
    severities: tuple[Severity, ...] = ("warning",)


SHAPES = (Shape(10_000, 20), Shape(10_000, 10_000), Shape(100_000, 200))


class Work(NamedTuple):
    """Seconds of processor time by process, what was idle taken off; the webhooks that came of it."""

    seconds: dict[str, float]
    webhooks: int


def measure(options: Options) -> dict[str, Any]:
    """Each shape by both in turn, `rounds` times; the ratio of the best rounds."""
    if not other.present():
        return {"skipped": other.ABSENT}
    return {f"{shape.alerts} in {shape.groups}": _shape(options, shape) for shape in SHAPES}


def _shape(options: Options, shape: Shape) -> dict[str, Any]:
    folder = options.folder / f"{shape.alerts}-{shape.groups}"
    rounds = [
        (_ours(folder / f"ours-{n}", shape), _theirs(folder / f"theirs-{n}", shape))
        for n in range(options.rounds)
    ]
    respond = max(shape.alerts / ours.seconds["respond"] for ours, _ in rounds)
    whole = max(shape.alerts / sum(ours.seconds.values()) for ours, _ in rounds)
    theirs = max(shape.alerts / sum(work.seconds.values()) for _, work in rounds)
    return {
        "alerts_per_cpu_s": {
            "respond": round(respond),
            "all_of_ours": round(whole),
            "alertmanager": round(theirs),
        },
        "ratio": {"respond": round(respond / theirs, 2), "all_of_ours": round(whole / theirs, 2)},
        "rounds": [{"ours": ours._asdict(), "theirs": work._asdict()} for ours, work in rounds],
    }


def _gateway(n: int, shape: Shape) -> str:
    return f"gateway-{n % shape.groups:05d}"


def _ours(folder: Path, shape: Shape) -> Work:
    with Catcher() as catcher, Ours(folder, catcher.port) as ours:
        route = {"name": "all", "to": "endpoint/default", **WAIT}
        ours.configure([], [("route", route)])
        stages = {name: ours.pids[name] for name in ("broker", "respond", "deliver", "webhook")}

        def taken() -> bool:
            return sum(asyncio.run(ours.ends(CHANGES))) >= shape.alerts

        return _account(stages, catcher, shape, lambda: asyncio.run(published(ours, shape)), taken)


async def published(ours: Ours, shape: Shape, pace: float = 0.0) -> None:
    """Tell respond of each alert of a shape; `pace`: seconds from one message to the next."""
    async with AIOKafkaProducer(
        bootstrap_servers=ours.broker.bootstrap, acks="all", enable_idempotence=True
    ) as producer:
        numbers = iter(range(shape.alerts))
        while some := list(islice(numbers, MESSAGE)):
            at = time.time_ns() // 1_000_000
            message = Verdicts(
                id=f"bench/{some[0]}", at=at, team=TEAM, why_team="nobody owns it",
                verdicts=[verdict(n, at, shape) for n in some],
            )  # fmt: skip
            await producer.send(INBOX, ours.signer.sign(message.encode(), INBOX), key=TEAM.encode())
            await asyncio.sleep(pace)


def verdict(n: int, at: int, shape: Shape) -> Verdict:
    """The n-th alert of a shape, which fires at an instant, ms UTC."""
    gateway = _gateway(n, shape)
    return Verdict(
        fingerprint=f"{gateway}|{RULE}|{n}", sequence=1, state="firing", rule_id=RULE,
        severity=shape.severities[n % len(shape.severities)],
        rule="bench", gateway=gateway, labels={"gateway": gateway, "tool": f"tool-{n}"}, at=at, since=at,
        value=12.5, message=f"errors on {gateway}, tool-{n}: 12.5% is above 10%", rule_team=TEAM,
        reason="past its threshold for 2m",
    )  # fmt: skip


def _theirs(folder: Path, shape: Shape) -> Work:
    with Catcher() as catcher, Alertmanager(folder, catcher.port, WAIT) as manager:
        return _account(manager.pids, catcher, shape, lambda: _posted(manager, shape), lambda: True)


def _posted(manager: Alertmanager, shape: Shape) -> None:
    numbers = iter(range(shape.alerts))
    while some := list(islice(numbers, REQUEST)):
        manager.post([_alert(n, shape) for n in some])


def _alert(n: int, shape: Shape) -> dict[str, Any]:
    gateway = _gateway(n, shape)
    return {
        "labels": {"alertname": "bench", "severity": "warning", "gateway": gateway, "tool": f"tool-{n}"},
        "annotations": {"summary": f"errors on {gateway}, tool-{n}: 12.5% is above 10%"},
    }


def _account(
    pids: Mapping[str, int],
    catcher: Catcher,
    shape: Shape,
    work: Callable[[], None],
    taken: Callable[[], bool],
) -> Work:
    """What `work` costs; `taken`: whether all alerts have been looked at, which a steady load alone does not say."""
    began = {name: spent(pid) for name, pid in pids.items()}
    time.sleep(IDLE)
    before = {name: spent(pid) for name, pid in pids.items()}
    idle = {name: (before[name] - began[name]) / IDLE for name in pids}
    start = time.monotonic()
    work()
    _settled(pids, catcher, shape, start + PATIENCE, sum(idle.values()))
    while not taken():
        _settled(pids, catcher, shape, start + PATIENCE, sum(idle.values()))
    took = time.monotonic() - start
    used = {name: round(spent(pid) - before[name] - idle[name] * took, 2) for name, pid in pids.items()}
    return Work(used, len(catcher.caught))


def _settled(pids: Mapping[str, int], catcher: Catcher, shape: Shape, until: float, idle: float) -> None:
    """Wait until every group was told of and, with no new webhook, as much is spent as in the while before."""
    earlier = float("inf")
    while time.monotonic() < until:
        before, webhooks = sum(map(spent, pids.values())), len(catcher.caught)
        time.sleep(STILL)
        busy = (sum(map(spent, pids.values())) - before) / STILL - idle
        sys.stderr.write(f"  {len(catcher.heard())} groups told of, {busy:.2f} cores busy\n")
        quiet = len(catcher.heard()) >= shape.groups and len(catcher.caught) == webhooks
        if quiet and abs(busy - earlier) < STEADY:
            return
        earlier = busy if quiet else float("inf")
    raise TimeoutError(f"{len(catcher.heard())} of {shape.groups} groups were told of")
