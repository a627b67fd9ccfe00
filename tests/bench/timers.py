"""Timers of escalations while workers of respond are killed, paused for half a minute, and take over from each other.

Each alert has a group of its own, whose second step is due ten seconds after its first was delivered. Two workers
share the teams. Each step has to have one effect, within 1.5 s of when it was due, or of the take-over by whoever owns
its team after a disturbance. The clock of a step advances with ticks, once a second, so one may be as much too early.
"""

from __future__ import annotations

import asyncio
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

import orjson
from aiokafka import AIOKafkaProducer

from streams.messages.verdict import Verdicts
from streams.topics import INBOX
from tests.bench.options import Options
from tests.bench.ours import Ours
from tests.bench.respond import Shape, verdict
from tests.chaos.process import Process

ALERTS, EVERY, DELAY = 600, 0.2, 10.0  # seconds
TEAMS = [f"team-{n}" for n in range(12)]
PAUSE, SESSION, END = 30.0, "6s", 45.0
WITHIN = 1.5  # seconds
OWNED = re.compile(rb'"at":"([^"]+)"[^\n]*"said":"owned"')


class SteppedCall(NamedTuple):
    """One webhook: when it came (UTC, seconds), which notification, of which alert, and what it says."""

    when: float
    id: str
    gateway: str
    what: str


class Desk:
    """Where both steps are told; `calls` grows."""

    def __init__(self) -> None:
        """It listens once it is entered, on `port`."""
        self.calls: list[SteppedCall] = []
        calls = self.calls

        class Handler(BaseHTTPRequestHandler):
            """Kept-alive requests of one client."""

            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                """Note one call."""
                body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
                gateway = body["alerts"][0]["labels"]["gateway"]
                calls.append(SteppedCall(time.time(), body["notification_id"], gateway, body["what"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def __enter__(self) -> Self:
        """Serve."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


def measure(options: Options) -> dict[str, Any]:
    """How many steps had no effect or several, how late they were, and how late after the newest take-over."""
    with Desk() as desk, Ours(options.folder, desk.port, {"TOCSIN_SESSION": SESSION}) as ours:
        url = f"http://127.0.0.1:{desk.port}/"
        endpoints = [
            ("endpoint", {"name": name, "channel": "webhook", "url": url, "allow_private": True})
            for name in ("first", "second")
        ]
        steps = [{"notify": "endpoint/first"}, {"after": f"{DELAY:.0f}s", "notify": "endpoint/second"}]
        policy = ("policy", {"name": "calls", "steps": steps, "repeat": 1})
        route = ("route", {"name": "all", "to": "policy/calls", "group_wait": "0s"})
        ours.configure([], [*endpoints, policy, route])
        other = Process("respond-1", options.folder / "log", ours.environment, "agents", "respond")
        try:
            other.until('"owned"')
            disturbing = threading.Thread(target=_disturb, args=(ours.processes["respond"], other))
            disturbing.start()
            asyncio.run(_alerts(ours))
            disturbing.join()
            time.sleep(END)
            took_over = sorted(_owned(ours.processes["respond"], other))
        finally:
            other.signal(signal.SIGCONT)
            other.end()
    return _judged(desk.calls, took_over)


async def _alerts(ours: Ours) -> None:
    async with AIOKafkaProducer(bootstrap_servers=ours.broker.bootstrap, acks="all") as producer:
        for number in range(ALERTS):
            at, team = time.time_ns() // 1_000_000, TEAMS[number % len(TEAMS)]
            one = verdict(number, at, Shape(ALERTS, ALERTS))
            message = Verdicts(id=f"bench/{number}", at=at, team=team, why_team="so", verdicts=[one])
            await producer.send(INBOX, ours.signer.sign(message.encode(), INBOX), key=team.encode())
            await asyncio.sleep(EVERY)


def _disturb(first: Process, other: Process) -> None:
    """A kill, a pause of half a minute, and one that leaves and comes back."""
    time.sleep(15.0)
    first.signal(signal.SIGKILL)
    first.wait()
    first.start()
    time.sleep(20.0)
    other.signal(signal.SIGSTOP)
    time.sleep(PAUSE)
    other.signal(signal.SIGCONT)
    time.sleep(10.0)
    if other.exit_code is not None:  # it noticed that it stood still
        other.start()
    time.sleep(20.0)
    first.signal(signal.SIGUSR1)
    first.wait()
    first.start()


def _owned(*workers: Process) -> Iterator[float]:
    """When partitions were taken over, UTC, seconds."""
    for worker in workers:
        for found in OWNED.finditer(worker.log.read_bytes()):
            yield datetime.fromisoformat(found[1].decode().replace("Z", "+00:00")).timestamp()


def _judged(calls: list[SteppedCall], took_over: list[float]) -> dict[str, Any]:
    told = Counter((call.gateway, call.what) for call in {call.id: call for call in reversed(calls)}.values())
    firsts = {call.gateway: call.when for call in reversed(calls) if call.what == "firing"}
    late: list[float] = []
    after: list[float] = []
    for call in calls:
        if call.what == "escalated" and call.gateway in firsts:
            due = firsts[call.gateway] + DELAY
            late.append(call.when - due)
            newest = max((at for at in took_over if due < at <= call.when), default=due)
            after.append(call.when - newest)
    late.sort()
    after.sort()
    return {
        "alerts": ALERTS,
        "without_second_step": sum(not told[gateway, "escalated"] for gateway in firsts),
        "never_told": ALERTS - len(firsts),
        "told_twice": sum(number > 1 for number in told.values()),
        "late_s": {
            "min": round(late[0], 2),
            "p50": round(late[len(late) // 2], 2),
            "max": round(late[-1], 2),
        },
        "late_after_take_over_s": {
            "p99": round(after[int(len(after) * 0.99)], 2),
            "max": round(after[-1], 2),
        },
        "beyond": sum(one > WITHIN for one in after),
        "take_overs": len(took_over),
    }
