"""The shell on a real Kafka: a worker owns, applies, writes, hands over, and comes back from a kill."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import pytest

from agents.worker.rebase import rebase
from streams.messages.event import Event
from streams.topics import CHANGES, DEAD_LETTER, TELEMETRY
from tests.agents.conftest import Workers
from tests.agents.harness import eventually
from tests.agents.reincarnation import reincarnate
from tests.agents.tally import MACHINES
from tests.chaos.ground import Ground
from tests.chaos.verdict import Ledger, judge

pytestmark = pytest.mark.cluster
LEDGER: Ledger = {}


async def feed(ground: Ground, count: int, kind: str = "up") -> None:
    """Put events of four gateways into the log."""
    producer = ground.producer()
    await producer.start()
    for n in range(count):
        at = time.time_ns() // 1_000_000
        event = Event(id=f"{kind}/{n}/{at}", at=at, gateway=f"gw{n % 4}", source="test", type=kind).encode()
        sent = await producer.send_and_wait(TELEMETRY, event, key=f"gw{n % 4}".encode())
        LEDGER[TELEMETRY, sent.partition, sent.offset] = event
    await producer.stop()


async def settled(ground: Ground) -> bool:
    """Whether everything but some ticks has been written out and committed."""
    return await ground.behind({"detect": "telemetry", "respond": "inbox"}) < 16


async def test_path(ground: Ground, workers: Workers) -> None:
    """Events go through both stages; a SIGTERM hands over in order, with exit code 0."""
    detect, respond = workers.start("detect-a"), workers.start("respond-a")
    detect.until('"owned"'), respond.until('"owned"')
    await feed(ground, 60)

    async def heard() -> bool:
        return sum(len(records) for records in (await ground.dump(CHANGES)).values()) >= 4

    await eventually(heard)
    assert [detect.end(), respond.end()] == [0, 0]
    assert detect.said('"handed over"')


async def test_kill(ground: Ground, workers: Workers) -> None:
    """After a kill -9 the same slot goes on where its head row stands, and the law holds over everything so far."""
    detect, respond = workers.start("detect-a"), workers.start("respond-a")
    detect.until('"owned"'), respond.until('"owned"')
    await feed(ground, 60)
    detect.signal(signal.SIGKILL)
    detect.wait()
    detect.start()
    detect.until('"owned"')
    await feed(ground, 60)
    await asyncio.sleep(2)
    await eventually(lambda: settled(ground))
    detect.end(), respond.end()
    verdict = judge(await ground.dumps(), ground.signer, MACHINES, LEDGER)
    assert verdict["missing"] == verdict["unexplained"] == 0
    assert all(stage["faults"] == 0 for stage in verdict["stages"].values()), verdict


@pytest.mark.parametrize(
    "before", ["now", "0.1"], ids=["this release", "a release that used the host's name"]
)
def test_new_host_name(workers: Workers, before: str) -> None:
    """A worker that was killed owns its partitions again under another host name, as a new container has one."""
    first = workers.start_on("here", "detect-a", release=before)
    first.until('"owned"')
    first.signal(signal.SIGKILL)
    first.wait()
    workers.start_on("there", "detect-a").until('"owned"')


SLOT_TAKEN = "slot a is taken: give each its own TOCSIN_SLOT"


def test_slot_taken_on_this_machine(workers: Workers) -> None:
    """A second worker of a slot ends with 78 before it joins; the first one is not disturbed."""
    first = workers.start("detect-a")
    first.until('"owned"')
    second = workers.start_product("detect-a")
    assert second.wait() == 78
    assert second.said(SLOT_TAKEN)
    assert first.exit_code is None
    assert not first.said('"handed over"')


def test_slot_taken_elsewhere(workers: Workers, tmp_path: Path) -> None:
    """Where no lock is shared, the later worker of a slot takes its name, and the earlier one ends with 78."""
    first = workers.start("detect-a")
    first.until('"owned"')
    second = workers.start("detect-a", TOCSIN_DATA=str(tmp_path))
    assert first.wait() == 78
    assert first.said(SLOT_TAKEN)
    second.until('"owned"')
    assert second.exit_code is None


def test_late_member_has_no_successor(workers: Workers) -> None:
    """A worker that Kafka has forgotten, because it was paused for longer than the session, goes on by itself."""
    worker = workers.start("detect-a")
    worker.until('"owned"')
    worker.signal(signal.SIGSTOP)
    time.sleep(3.5)  # the session is 2 s
    worker.signal(signal.SIGCONT)
    worker.until('(?s)"owned".*"owned"')
    assert worker.exit_code is None


async def test_two_workers(ground: Ground, workers: Workers) -> None:
    """A second worker takes its share; one that leaves for good gives its share back at once."""
    first = workers.start("detect-a")
    first.until('"owned"')
    second = workers.start("detect-b")
    second.until(r'"partitions":\{"\d":\d+\}')
    first.until(r'"partitions":\{"\d":\d+\}')
    second.signal(signal.SIGUSR1)
    assert second.wait() == 0
    first.until(r'"partitions":\{"\d":\d+,"\d":\d+\}')


async def test_dead_letter(ground: Ground, workers: Workers) -> None:
    """A bad input is in the dead-letter topic with its bytes, origin and reason, and stops nobody."""
    detect = workers.start("detect-a")
    detect.until('"owned"')
    await feed(ground, 1, "bad")

    async def buried() -> bool:
        return any(b"`bad`" in record.headers["reason"] for record in (await ground.dump(DEAD_LETTER))[0])

    await eventually(buried)


@pytest.mark.parametrize("stage", ["detect"])
async def test_second_incarnation(ground: Ground, workers: Workers, stage: str, tmp_path: Path) -> None:
    """A worker whose rows are from another log ends with 78 and names the operator's way on, which then works."""
    workers.start("detect-a").until('"owned"')
    workers.end()
    await reincarnate(ground, TELEMETRY)
    worker = workers.start("detect-a")
    assert worker.wait() == 78
    assert worker.said("another incarnation.*agents rebase detect")
    await asyncio.sleep(2.5)
    assert len(await rebase(stage, ground.settings, ground.signer)) == 2
    worker.start()
    worker.until('"owned"')
