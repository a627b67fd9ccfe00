"""The channels on a real Kafka: nothing is lost, little is repeated, and nobody waits for somebody else."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.broker import Broker
from deploy.embedded.java import Profile
from deploy.embedded.runtime import install
from deploy.kafka.topics import Topics
from deploy.ports import free_port
from streams.messages.envelope import decode
from streams.signature import Signer
from streams.topics import NOTIFY
from tests.patience import PATIENCE
from tests.sinks.ground import SIGNER, Ground, settled

pytestmark = pytest.mark.cluster


async def test_there_and_back(ground: Ground, receiver: Any, attempt: Any) -> None:
    """An attempt becomes a call and a signed outcome under the attempt's key; SIGTERM ends cleanly, all committed."""
    process = await ground.start("webhook")
    await ground.attempts(*(attempt({"url": receiver.url}, name=f"n{n}") for n in range(3)))
    records = await ground.read(NOTIFY, lambda found: len(found) >= 3)
    process.send_signal(signal.SIGTERM)

    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    assert len(receiver.got) == 3
    assert {record.key for record in records} == {b"endpoint/pager"}
    assert sorted(decode(record.value)["id"] for record in records) == [f"n{n}#1#outcome" for n in range(3)]
    assert await ground.committed() == 3


async def test_what_is_not_ours(ground: Ground, receiver: Any, attempt: Any) -> None:
    """Forged and unreadable attempts go to the dead letters with origin and reason, and stop nobody."""
    forged = Signer([b"a key of somebody else"]).sign(
        attempt({"url": receiver.url}, name="f").encode(), "send.webhook"
    )
    await ground.say(
        "send.webhook",
        *[
            ("endpoint/pager", raw)
            for raw in (forged, b"garbage", SIGNER.sign(b'{"kind":"attempt"}', "send.webhook"))
        ],
    )
    await ground.attempts(attempt({"url": receiver.url}))
    await ground.start("webhook")

    assert [one["notification"] for one in await ground.outcomes("n1")] == ["n1"]
    letters = await ground.letters(3)
    assert [one["reason"].decode().split(":")[0] for one in letters] == [
        "the signature of an internal message does not match",
        "a message of an internal kind carries no signature",
        "attempt",
    ]
    assert {one["origin"].rpartition(b"/")[0] for one in letters} <= {b"send.webhook/0", b"send.webhook/1"}


async def test_kill_in_the_middle(ground: Ground, receiver: Any, attempt: Any) -> None:
    """Killed with calls under way: all are made in the end, and twice only those that nobody had committed yet."""
    receiver.delay = 0.3
    process = await ground.start("webhook")
    wanted = {f"n{n}" for n in range(60)}
    await ground.attempts(
        *(
            attempt({"url": receiver.url}, name=name, group=name, to=f"endpoint/{int(name[1:]) % 5}")
            for name in wanted
        )
    )
    while not any(commit.offset > 0 or commit.metadata for commit in (await ground.commits()).values()):
        pass  # each look waits for Kafka's answer
    process.kill()
    await process.wait()
    kept = await ground.kept(len(wanted))
    await ground.start("webhook")
    await ground.outcomes(*wanted)

    called = Counter(request.headers["webhook-id"] for request in receiver.got)
    assert set(called) == wanted
    assert max(called.values()) <= 2
    assert kept
    assert not kept & {name for name, times in called.items() if times > 1}


async def test_a_slow_receiver(ground: Ground, receiver: Any, attempt: Any) -> None:
    """A receiver that hangs delays no other, and what others got is not sent again after a crash."""
    hole = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{hole.getsockname()[1]}/"
    process = await ground.start("webhook")
    await ground.attempts(
        *(attempt({"url": url}, name=f"h{n}", group=f"h{n}", to="endpoint/hole") for n in range(9))
    )
    await ground.attempts(
        *(attempt({"url": receiver.url}, name=f"q{n}", to=f"endpoint/{n}") for n in range(20))
    )
    outcomes = await ground.outcomes(*(f"q{n}" for n in range(20)))
    await asyncio.sleep(0.5)  # for the commit, which follows the outcomes
    process.kill()
    await process.wait()
    await ground.start("webhook")
    await ground.attempts(attempt({"url": receiver.url}, name="last", to="endpoint/1"))
    await ground.outcomes("last")
    hole.close()

    assert {one["notification"][0] for one in outcomes} == {"q"}
    assert len(receiver.got) == 21


async def test_two_members(ground: Ground, receiver: Any, attempt: Any) -> None:
    """A second member takes over half while calls run: nothing is lost and little is said twice."""
    receiver.delay = 0.02
    await ground.start("webhook", TOCSIN_STATIC_MEMBERSHIP="false")
    made = [
        attempt({"url": receiver.url}, name=f"n{n}", group=f"{n}", to=f"endpoint/{n % 7}") for n in range(120)
    ]
    await ground.attempts(*made[:40])
    await ground.start("webhook", TOCSIN_STATIC_MEMBERSHIP="false", TOCSIN_SLOT="1")
    for n in range(40, 120, 4):
        await ground.attempts(*made[n : n + 4])
    await ground.outcomes(*(f"n{n}" for n in range(120)))

    called = [one.headers["webhook-id"] for one in receiver.got]
    assert len(set(called)) == 120
    assert len(called) - len(set(called)) <= 4, called
    assert all(process.returncode is None for process in ground.processes)


async def test_slot_taken(ground: Ground, tmp_path: Path) -> None:
    """A second sink of a slot ends with 78 before it joins; where no lock is shared, the earlier one ends so."""
    first = await ground.start("webhook")
    assert await ground.says('"started"')
    second = await ground.start("webhook")
    assert await asyncio.wait_for(second.wait(), PATIENCE) == 78
    assert await ground.says("slot 0 is taken: give each its own TOCSIN_SLOT (sink-webhook")
    assert first.returncode is None
    third = await ground.start("webhook", TOCSIN_DATA=str(tmp_path / "elsewhere"))
    assert await asyncio.wait_for(first.wait(), PATIENCE) == 78
    assert third.returncode is None


async def test_broker_dies(ground: Ground, broker: Broker, receiver: Any, attempt: Any) -> None:
    """While the broker is away calls under way end; their outcomes are said when it is back, by the same process."""
    receiver.delay = 0.5
    process = await ground.start("webhook")
    assert await ground.says('"started"')
    await ground.attempts(*(attempt({"url": receiver.url}, name=f"n{n}", group=f"{n}") for n in range(20)))
    await ground.read(NOTIFY, lambda found: len(found) >= 4)
    broker.kill()
    await asyncio.sleep(3)
    await asyncio.to_thread(broker.start)
    await ground.outcomes(*(f"n{n}" for n in range(20)))

    assert process.returncode is None
    assert len(receiver.got) <= 24


async def test_late_after_an_outage(ground: Ground, receiver: Any, attempt: Any) -> None:
    """What waited past its deadline is not sent, and deliver hears so."""
    await ground.attempts(
        attempt({"url": receiver.url}, deadline=1000), attempt({"url": receiver.url}, name="n2")
    )
    await ground.start("webhook")

    assert {one["notification"]: one["result"] for one in await ground.outcomes("n1", "n2")} == {
        "n1": "late",
        "n2": "delivered",
    }
    assert len(receiver.got) == 1


async def test_broker_that_comes_late(tmp_path: Path) -> None:
    """Started before its broker and before its topics, a sink waits, says so, and then works."""
    port = free_port()
    ground = settled(tmp_path, f"127.0.0.1:{port}")
    process = await ground.start("log")
    assert await ground.says("Kafka does not answer")
    with Broker(tmp_path / "kafka", install(os.environ), port=port, profile=Profile.TEST):
        assert await ground.says("topics do not exist yet")
        await Topics(ground.settings, SIGNER).create()
        assert await ground.says('"started"')
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0


async def test_a_broker_that_is_gone(ground: Ground, broker: Broker, receiver: Any, attempt: Any) -> None:
    """SIGTERM ends a sink within its supervisor's patience, also where nobody takes the last commit."""
    process = await ground.start("webhook")
    assert await ground.says('"started"')
    await ground.attempts(attempt({"url": receiver.url}))
    await ground.outcomes("n1")
    broker.kill()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
