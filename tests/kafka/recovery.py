"""`python -m tests.kafka.recovery`: how long alerts are late when one of three brokers is lost; prints JSON.

`--how kill`: by `kill -9`; `stop`: in order; `freeze`: it stands still with its connections open, as when a machine
loses its power and nobody can say so.

At the moment of each loss one sample comes from each of several gateways, on all partitions. Measured are the seconds
from there to the webhook of the first and of the last alert, and until the broker that was started again is in sync.
`--session`: milliseconds without a sign of life after which Kafka takes a broker for dead; 9000 is Kafka's own default.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.embedded.broker import Broker
from deploy.embedded.brokers import Brokers
from tests.chaos.ground import Ground
from tests.kafka.alerting import Alerting
from tests.kafka.in_sync import until_in_sync

GATEWAYS = 8  # by which every partition has one
REST = 3.0  # seconds between one loss and the next, for what it has delayed to be over
HEARTBEATS = 5  # signs of life in a session


def _freeze(broker: Broker) -> None:
    assert broker.pid
    os.kill(broker.pid, signal.SIGSTOP)


LOSSES: dict[str, Callable[[Broker], object]] = {"kill": Broker.kill, "stop": Broker.stop, "freeze": _freeze}


async def measure(ground: Ground, losses: int, how: str) -> dict[str, Any]:
    """Lose the brokers in turn, each back in sync before the next; the figures, s."""
    assert isinstance(ground.broker, Brokers)
    found: list[dict[str, Any]] = []
    async with Alerting(ground) as alerting:
        idle = await alerting.breach([f"idle-{n}" for n in range(GATEWAYS)])
        for number in range(losses):
            which = number % ground.brokers + 1
            broker = ground.broker.each[which]
            LOSSES[how](broker)
            took = await alerting.breach([f"loss-{number}-{n}" for n in range(GATEWAYS)])
            broker.kill()
            begun = time.monotonic()
            await asyncio.to_thread(broker.start)
            await until_in_sync(ground.broker.bootstrap)
            sync = time.monotonic() - begun
            found.append({"broker": which} | _figures(took) | {"in_sync_s": round(sync, 1)})
            await asyncio.sleep(REST)
        return {"idle": _figures(idle), "losses": found, "ended": alerting.ended}


def _figures(took: dict[str, float]) -> dict[str, float]:
    return {"first_s": round(min(took.values()), 2), "last_s": round(max(took.values()), 2)}


def main() -> int:
    """Measure once."""
    parser = argparse.ArgumentParser(prog="python -m tests.kafka.recovery", description=__doc__)
    parser.add_argument("--losses", type=int, default=6)
    parser.add_argument("--how", choices=LOSSES, default="kill")
    parser.add_argument("--session", type=int, default=1_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ground = Ground(Path(folder), brokers=3)
        ground.broker.settings = {
            "broker.session.timeout.ms": str(asked.session),
            "broker.heartbeat.interval.ms": str(asked.session // HEARTBEATS),
        }
        ground.start()
        try:
            told = asyncio.run(measure(ground, asked.losses, asked.how))
        finally:
            ground.broker.kill()
    sys.stdout.write(json.dumps({"how": asked.how, "session_ms": asked.session} | told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
