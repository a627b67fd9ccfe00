"""Two bridges on a real Kafka: each gateway is polled by one of them, whoever dies or freezes."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from sources.bridge.registry import Gateway, Registry
from sources.demonstration.fake_gateway import FakeGateway
from sources.demonstration.loopback import Loopback
from tests.chaos.ground import Ground
from tests.chaos.process import Process
from tests.kafka.choice import embedded

pytestmark = pytest.mark.cluster
NAMES = [f"gw{n}" for n in range(8)]
SESSION = 6.0  # seconds: a busy machine may hold a process up for four of them


class Asked:
    """When which gateway was asked for its health."""

    def __init__(self) -> None:
        self.polls: list[tuple[float, str]] = []  # when, and which gateway

    def answer(self, name: str) -> Callable[[str], tuple[int, str, bytes]]:
        def answer(path: str) -> tuple[int, str, bytes]:
            if path == "/health":
                self.polls.append((time.monotonic(), name))
            return FakeGateway(0).answer(path, 1_000)

        return answer


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A started Kafka with all topics."""
    made = Ground(tmp_path_factory.mktemp("lease"), options={"TOCSIN_SESSION": f"{SESSION:.0f}s"})
    made.start()
    yield made
    made.broker.stop()


def watched_twice(bridges: Sequence[Process], ends: dict[str, datetime]) -> list[str]:
    """The gateways that a bridge began to watch while another still did; `ends`: when one was made to stand still."""
    said = [
        (orjson.loads(line), one.name)
        for one in bridges
        for line in one.log.read_text().splitlines()
        if line[0] == "{"
    ]
    said += [({"event": "stands still", "timestamp": at.isoformat()}, name) for name, at in ends.items()]
    watching, found = dict[str, str](), []
    for line, name in sorted(said, key=lambda one: datetime.fromisoformat(one[0]["timestamp"])):
        if line["event"] == "stands still":
            watching = {gateway: by for gateway, by in watching.items() if by != name}
        elif line["event"] == "no longer watching" and watching.get(line["gateway"]) == name:
            del watching[line["gateway"]]
        elif line["event"] == "watching":
            if watching.get(line["gateway"], name) != name:
                found.append(line["gateway"])
            watching[line["gateway"]] = name
    return found


def _json(bridge: Process) -> list[str]:
    return [line for line in bridge.log.read_text().splitlines() if line.startswith("{")]


def _all_held(bridge: Process) -> int:
    return sum('"partitions": [0, 1, 2, 3]' in line for line in _json(bridge))


async def frozen(bridge: Process, other: Process) -> datetime:
    """Stop a bridge and wait until the other one is given everything, as what was under way proves nothing; when."""
    until, held = time.monotonic() + 60, _all_held(other)
    bridge.signal(signal.SIGSTOP)
    at = datetime.now(UTC)
    while _all_held(other) == held:
        assert time.monotonic() < until, "nobody took over"
        await asyncio.sleep(0.05)
    return at


async def covered(asked: Asked, since: float, limit: float) -> float:
    """Wait until every gateway has been polled after `since`; how long after it that was."""
    while {name for at, name in asked.polls if at > since} != set(NAMES):
        assert time.monotonic() < since + limit, Counter(name for at, name in asked.polls if at > since)
        await asyncio.sleep(0.05)
    return time.monotonic() - since


async def test_one_poller(ground: Ground, tmp_path: Path) -> None:
    """A second bridge takes its share, and all of it when the first is killed; no gateway is ever polled by two."""
    asked, servers = Asked(), list[Loopback]()
    registry = Registry(ground.settings.data)
    (tmp_path / "token").write_text("t")
    for name in NAMES:
        servers.append(Loopback(asked.answer(name)))
        url = await servers[-1].start()
        registry.put(Gateway(name=name, url=url, token_file=str(tmp_path / "token"), interval="2s"))
    made = [
        Process(f"bridge-{slot}", ground.folder / "log", ground.environment, "sources", "bridge")
        for slot in "ab"
    ]
    try:
        for one in made:
            await asyncio.to_thread(one.until, r'"partitions": \[\d, \d\], "of": 4')
        await covered(asked, time.monotonic(), 60)
        made[0].signal(signal.SIGKILL)
        made[0].wait()
        killed, ends = time.monotonic(), {"bridge-a": datetime.now(UTC)}
        await covered(asked, killed, 60)
        made[0].start()
        await asyncio.to_thread(made[0].until, r'"partitions": \[\d, \d\], "of": 4')
        ends["bridge-b"] = await frozen(made[1], made[0])
        await covered(asked, time.monotonic(), 60)
        made[1].signal(signal.SIGCONT)
        await asyncio.to_thread(made[1].wait)
        assert made[1].said("stood still")
        assert watched_twice(made, ends) == []
    finally:
        for one in made:
            one.end()
        for server in servers:
            await server.stop()


async def test_cut_off(ground: Ground, tmp_path: Path) -> None:
    """Where Kafka is silent for a session, polling ends before that is over, and goes on once Kafka answers again."""
    broker = embedded(ground.broker)
    asked, token = Asked(), tmp_path / "token"
    server = Loopback(asked.answer("alone"))
    token.write_text("t")
    for name in Registry(ground.settings.data).read():
        Registry(ground.settings.data).remove(name, 0)
    Registry(ground.settings.data).put(
        Gateway(name="alone", url=await server.start(), token_file=str(token), interval="2s")
    )
    bridge = Process("bridge-c", ground.folder / "log", ground.environment, "sources", "bridge")
    assert broker.pid
    try:
        await asyncio.to_thread(bridge.until, '"watching"')
        os.kill(broker.pid, signal.SIGSTOP)
        begun = time.monotonic()
        await asyncio.to_thread(bridge.until, "no longer watching")
        assert time.monotonic() - begun < SESSION
        assert bridge.said("the lease runs out")
        os.kill(broker.pid, signal.SIGCONT)
        back = time.monotonic()
        while not any(at > back for at, _ in asked.polls):
            assert time.monotonic() < back + 60, "polling did not go on"
            await asyncio.sleep(0.05)
        assert [at for at, _ in asked.polls if begun + SESSION < at < back] == []
    finally:
        os.kill(broker.pid, signal.SIGCONT)
        bridge.end()
        await server.stop()
