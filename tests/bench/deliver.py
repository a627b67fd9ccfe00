"""From a notification to a webhook on this machine, beside Alertmanager; and what a receiver that hangs costs others.

Ours: `deliver` and the sink, which between them keep a ledger, retries and receipts; Kafka's own time is told apart.
Theirs: the whole of Alertmanager, which is sent as many alerts, each a group of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from sinks.channels.resources import Resources
from sinks.channels.unseal import Unsealer
from sinks.channels.webhook.channel import Webhook
from sinks.http.client import HttpClient
from sinks.http.network import Network
from sinks.runtime.dispatcher import Dispatcher
from sinks.runtime.job import Job
from sinks.runtime.partition import Partition
from streams.codes import NotifyReason
from streams.messages.alert import AlertExcerpt, AlertStatus
from streams.messages.attempt import Attempt, Outcome
from streams.messages.notification import Notification
from streams.topics import NOTIFY
from tests.bench import theirs as other
from tests.bench.account import spent
from tests.bench.catcher import Catcher
from tests.bench.options import Options
from tests.bench.ours import Ours
from tests.bench.theirs import Alertmanager

MESSAGES, ENDPOINTS, BATCH = 2_000, 100, 200
HOUR = 3_600_000  # ms
EACH, PACE = 20, 0.004  # messages to each endpoint, and seconds between two: the machine is not full
ROUNDS, HANGS = 3, 30.0  # pairs; seconds that the hanging receiver says nothing
NO_CONTENT = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


def measure(options: Options) -> dict[str, Any]:
    """Messages a second of processor time, in turn; the others' 99th percentile with and without one that hangs."""
    found: dict[str, Any] = {"hanging": asyncio.run(_hanging())}
    ours, theirs = [], []
    for number in range(options.rounds):
        ours.append(_ours(options.folder / f"ours-{number}"))
        if options.theirs and other.present():
            theirs.append(_theirs(options.folder / f"theirs-{number}"))
    found["ours"] = ours
    if not theirs:
        return found | {"skipped": other.ABSENT}
    ratio = sum(one["a_cpu_second"] for one in ours) / sum(one["a_cpu_second"] for one in theirs)
    return found | {"theirs": theirs, "ratio": round(ratio, 2)}


def message(number: int, to: str, at: int) -> Notification:
    """Something that fires, of a group of its own."""
    labels = {"gateway": f"gateway-{number:05d}", "upstream": "search"}
    alert = AlertExcerpt(
        alert_id=f"a{number}", status=AlertStatus.FIRING, severity="warning", message="12 % of calls fail",
        labels=labels, since=at,
    )  # fmt: skip
    return Notification(
        id=f"bench/{number}", at=at, to=to, team="platform", group=f"platform/g{number}", what="firing",
        severity="warning", title="tool-errors", reason_code=NotifyReason.FIRST_ALERT, reason="first", step=0, count=1,
        alerts=(alert,), deadline=at + HOUR,
    )  # fmt: skip


def _now() -> int:
    return time.time_ns() // 1_000_000


def _ours(folder: Path) -> dict[str, Any]:
    with Catcher() as catcher, Ours(folder, catcher.port) as ours:
        url = f"http://127.0.0.1:{catcher.port}/"
        endpoints = [
            ("endpoint", {"name": f"e{n:02d}", "channel": "webhook", "url": url, "allow_private": True})
            for n in range(ENDPOINTS)
        ]
        ours.configure([], endpoints)
        pids = {name: ours.pids[name] for name in ("deliver", "webhook", "broker")}
        before, began = {name: spent(pid) for name, pid in pids.items()}, time.monotonic()
        asyncio.run(_published(ours))
        _until(catcher, MESSAGES)
        took = time.monotonic() - began
        cpu = {f"{name}_seconds": round(spent(pid) - before[name], 2) for name, pid in pids.items()}
        ours.alive()
    counted = cpu["deliver_seconds"] + cpu["webhook_seconds"]
    return {"a_cpu_second": round(MESSAGES / counted), "a_second": round(MESSAGES / took), **cpu}


async def _published(ours: Ours) -> None:
    async with AIOKafkaProducer(bootstrap_servers=ours.broker.bootstrap, acks="all") as producer:
        for number in range(MESSAGES):
            to = f"endpoint/platform/e{number % ENDPOINTS:02d}"
            raw = ours.signer.sign(message(number, to, _now()).encode(), NOTIFY)
            await producer.send(NOTIFY, raw, key=to.encode())


def _theirs(folder: Path) -> dict[str, Any]:
    with Catcher() as catcher, Alertmanager(folder, catcher.port) as manager:
        pid = manager.pids["alertmanager"]
        before, began = spent(pid), time.monotonic()
        for batch in _alerts():
            manager.post(batch)
        _until(catcher, MESSAGES)
        cpu, took = spent(pid) - before, time.monotonic() - began
    return {
        "a_cpu_second": round(MESSAGES / cpu),
        "a_second": round(MESSAGES / took),
        "seconds": round(cpu, 2),
    }


def _alerts() -> Iterator[list[dict[str, Any]]]:
    for first in range(0, MESSAGES, BATCH):
        yield [
            {
                "labels": {
                    "alertname": "tool-errors",
                    "gateway": f"gateway-{number:05d}",
                    "upstream": "search",
                },
                "annotations": {"summary": "12 % of calls fail"},
            }
            for number in range(first, first + BATCH)
        ]


def _until(catcher: Catcher, count: int) -> None:
    """Wait until so many different alerts were heard of."""
    until = time.monotonic() + 400
    while len(catcher.heard()) < count:
        if time.monotonic() > until:
            raise TimeoutError(f"{len(catcher.heard())} of {count} came")
        time.sleep(0.1)


async def _hanging() -> dict[str, Any]:
    """Pairs of runs over a hundred endpoints, the first of which hangs in the second run of each."""
    pairs = [(await _percentile(False), await _percentile(True)) for _ in range(ROUNDS)]
    quiet, beside = (sorted(side)[ROUNDS // 2] for side in zip(*pairs, strict=True))
    return {"p99_ms_alone": quiet, "p99_ms_beside_one_that_hangs": beside, "ratio": round(beside / quiet, 2)}


async def _percentile(one_hangs: bool) -> float:
    """The 99th percentile of how long the others' messages took, ms, from the queue to their outcomes."""
    put: dict[str, float] = {}
    took: list[float] = []
    all_came = asyncio.Event()

    async def publish(outcome: Outcome) -> None:
        if not outcome.to.endswith("/e00"):
            took.append(time.perf_counter() - put[outcome.notification])
        if len(took) == EACH * (ENDPOINTS - 1):
            all_came.set()

    async with _receiver(0.0) as fine, _receiver(HANGS) as hangs:
        network = Network(allow_private=True)
        shared = Resources(Unsealer([]), network, HttpClient(network))
        dispatcher = Dispatcher(Webhook(shared), publish, lambda: None, lambda: None, _now)
        partition = Partition(0)
        for number in range(EACH * ENDPOINTS):
            endpoint = number % ENDPOINTS
            port = hangs if one_hangs and endpoint == 0 else fine
            attempt = _attempt(number, f"endpoint/platform/e{endpoint:02d}", port)
            put[attempt.notification.id] = time.perf_counter()
            partition.take(number)
            dispatcher.put(Job(attempt, partition, number, critical=False))
            await asyncio.sleep(PACE)
        await all_came.wait()
        await dispatcher.stop(0.0)
        await shared.close()
    return round(sorted(took)[int(len(took) * 0.99)] * 1e3, 2)


def _attempt(number: int, to: str, port: int) -> Attempt:
    notification = message(number, to, _now())
    endpoint = {"name": "e", "channel": "webhook", "url": f"http://127.0.0.1:{port}/", "allow_private": True}
    return Attempt(
        id=f"{notification.id}#1", at=notification.at, notification=notification, channel="webhook", endpoint=endpoint,
        number=1, deadline=notification.deadline,
    )  # fmt: skip


@asynccontextmanager
async def _receiver(says_nothing_for: float) -> AsyncIterator[int]:
    """A receiver on a port of this machine, which answers after so many seconds."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                await asyncio.sleep(says_nothing_for)
                writer.write(NO_CONTENT)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
