"""A hundred thousand open alerts of one team: a restart of respond, and an acknowledgement of ten thousand.

The worker is killed and started again at once; it is ready when a tick says that a record younger than the kill was
applied, and ticks come once a second. An acknowledgement is over for respond when the last of its alerts is in
`changes`, and for people when the read model has it.
"""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.messages.command import Acknowledge, Command, Principal
from streams.topics import CHANGES, INBOX
from tests.bench.account import memory, spent
from tests.bench.catcher import Catcher
from tests.bench.options import Options
from tests.bench.ours import Ours
from tests.bench.respond import TEAM, WAIT, Shape, published, verdict

GROUP, PATIENCE = 10_000, 900.0  # alerts of one group; seconds after which it hangs
HUNGRY = {"TOCSIN_SESSION": "10s"}


def measure(options: Options) -> dict[str, Any]:
    """Seconds of each, the memory of respond, and what each start of it spends."""
    shape = Shape(options.alerts, max(1, options.alerts // GROUP))
    with Catcher() as catcher, Ours(options.folder, catcher.port, HUNGRY) as ours:
        ours.run("history", "sinks", "history")
        ours.configure([], [("route", {"name": "all", "to": "endpoint/default", **WAIT})])
        began = time.monotonic()
        asyncio.run(published(ours, shape))
        model = options.folder / "state" / "history.sqlite"
        until(lambda: count(model, "firing") >= shape.alerts, "alerts are open")
        filled = time.monotonic() - began
        found: dict[str, Any] = {"alerts": shape.alerts, "groups": shape.groups, "filled_s": round(filled, 1)}
        found |= {"restart": [_restart(ours) for _ in range(options.rounds)]}
        found |= {"acknowledge": asyncio.run(_acknowledge(ours, shape, model))}
        return found | {"restart_after": _restart(ours), "memory": memory(ours.pids["respond"])}


def until(holds: Callable[[], bool], what: str, pause: float = 0.5) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"it never came that {what}")
        time.sleep(pause)


def count(model: Path, status: str) -> int:
    """How many alerts the read model has of a status; none, where it is not there yet."""
    if not model.exists():
        return 0
    with closing(sqlite3.connect(f"file:{model}?mode=ro", uri=True)) as database:
        try:
            return int(
                database.execute("select count(*) from alerts where status = ?", (status,)).fetchone()[0]
            )
        except sqlite3.OperationalError:
            return 0


def _restart(ours: Ours) -> dict[str, float]:
    worker = ours.processes["respond"]
    worker.signal(signal.SIGKILL)
    killed = time.time()
    worker.wait()
    worker.start()
    worker.until('"owned"')
    owned = time.time() - killed
    ready = asyncio.run(_applied(ours, int(killed * 1_000))) - killed
    sys.stderr.write(f"  owned after {owned:.1f} s, ready after {ready:.1f} s\n")
    return {
        "owned_s": round(owned, 2),
        "ready_s": round(ready, 2),
        "cpu_s": round(spent(ours.pids["respond"]), 2),
    }


async def _applied(ours: Ours, since: int) -> float:
    """When each partition has a tick that says that a record younger than `since`, ms UTC, was applied."""
    consumer = AIOKafkaConsumer(
        INBOX, bootstrap_servers=ours.broker.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        places = sorted(consumer.assignment())
        for place, found in (await consumer.offsets_for_times(dict.fromkeys(places, since))).items():
            if found is not None:
                consumer.seek(place, found.offset)
        lacks = {place.partition for place in places}
        async with asyncio.timeout(PATIENCE):
            while lacks:
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    lacks -= {
                        one.partition
                        for one in records
                        if orjson.loads(one.value).get("processed", 0) > since
                    }
        return time.time()
    finally:
        await consumer.stop()


async def _acknowledge(ours: Ours, shape: Shape, model: Path) -> dict[str, Any]:
    """One alert of the first group is acknowledged, and all that is told with it."""
    whole = shape.alerts // shape.groups
    consumer = AIOKafkaConsumer(bootstrap_servers=ours.broker.bootstrap, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([TopicPartition(CHANGES, number) for number in range(ours.settings.partitions)])
    await consumer.seek_to_end()
    began = time.monotonic()
    await _command(ours, verdict(0, 0, shape).fingerprint)
    accepted = decided = 0.0
    seen = 0
    async with asyncio.timeout(PATIENCE):
        while seen < whole or not accepted:
            for records in (await consumer.getmany(timeout_ms=50)).values():
                for record in records:
                    change = orjson.loads(record.value)
                    seen += change["what"] == "acknowledged" and change["subject"] == "alert"
                    accepted = accepted or (change["subject"] == "command") * (time.monotonic() - began)
    decided = time.monotonic() - began
    await consumer.stop()
    until(lambda: count(model, "acknowledged") >= whole, "all are acknowledged", 0.05)
    return {
        "alerts": whole,
        "accepted_s": round(accepted, 2),
        "all_decided_s": round(decided, 2),
        "all_in_the_read_model_s": round(time.monotonic() - began, 2),
    }


async def _command(ours: Ours, fingerprint: str) -> None:
    command = Command(
        id="bench/acknowledge", at=time.time_ns() // 1_000_000, team=TEAM, by=Principal(name="bench", admin=True),
        action=Acknowledge(alert=fingerprint),
    )  # fmt: skip
    async with AIOKafkaProducer(bootstrap_servers=ours.broker.bootstrap, acks="all") as producer:
        raw = ours.signer.sign(command.encode(), INBOX)
        await producer.send_and_wait(INBOX, raw, key=TEAM.encode())
