"""From an alert to the first call of its provider, on a machine that does nothing else.

The moment is when the alert is handed to the producer of the inbox; each is critical and of a group of its own, so that
nothing waits for a group. The call is over when the receiver on loopback has its body.
"""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from streams.messages.verdict import Verdict, Verdicts
from streams.topics import INBOX
from tests.bench.catcher import Catcher
from tests.bench.options import Options
from tests.bench.ours import Ours

TEAM, RULE = "platform", "0b1d6c0e-5a6a-5a0e-9d3c-6b8f4a1c2d3e"
ALERTS, WARM = 200, 20  # counted; before them, not counted
PAUSE = (0.1, 0.3)  # seconds between two alerts, at random
AFTER = 5.0  # seconds for the last one
WANTED = {"p50_ms": 60.0, "p99_ms": 200.0}


def measure(options: Options) -> dict[str, Any]:
    """Percentiles, ms, beside what is wanted."""
    return {"ms": _ours(options.folder), "at_most": WANTED}


def _ours(folder: Path) -> dict[str, float]:
    with Catcher() as catcher, Ours(folder, catcher.port) as ours:
        ours.configure([], [("route", {"name": "all", "to": "endpoint/default"})])
        said = asyncio.run(_said(ours))
        heard = catcher.heard()
        ours.alive()
    took = sorted((heard[name] - at) * 1e3 for name, at in said.items() if name in heard)
    shares = {"p50_ms": 0.5, "p90_ms": 0.9, "p99_ms": 0.99}
    percentiles = {name: round(took[int(len(took) * share)], 1) for name, share in shares.items()}
    return percentiles | {
        "worst_ms": round(took[-1], 1),
        "alerts": len(said),
        "unheard": len(said) - len(took),
    }


async def _said(ours: Ours) -> dict[str, float]:
    """When each alert was handed over, steady seconds."""
    chance, said = random.Random(7), dict[str, float]()
    async with AIOKafkaProducer(bootstrap_servers=ours.broker.bootstrap, acks="all") as producer:
        for number in range(-WARM, ALERTS):
            await asyncio.sleep(chance.uniform(*PAUSE))
            gateway = f"gateway-{number:04d}"
            raw = ours.signer.sign(_alert(gateway).encode(), INBOX)
            if number >= 0:
                said[gateway] = time.monotonic()
            await producer.send(INBOX, raw, key=TEAM.encode())
        await asyncio.sleep(AFTER)
    return said


def _alert(gateway: str) -> Verdicts:
    at = time.time_ns() // 1_000_000
    verdict = Verdict(
        fingerprint=f"{gateway}|{RULE}", sequence=1, state="firing", severity="critical", rule_id=RULE, rule="bench",
        gateway=gateway, labels={"gateway": gateway}, at=at, since=at, value=12.5, message="12.5% is above 10%",
        rule_team=TEAM, reason="past its threshold",
    )  # fmt: skip
    return Verdicts(id=f"bench/{gateway}", at=at, team=TEAM, why_team="nobody owns it", verdicts=[verdict])
