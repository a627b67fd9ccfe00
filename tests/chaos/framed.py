"""What the bridge brought: no frame is torn, and no rule has met a mixture of two."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import orjson

from streams.topics import CHANGES, TELEMETRY
from tests.chaos.gateway import NAME
from tests.chaos.ground import Dumps


def frames(dumps: Dumps) -> dict[str, int]:
    """`torn`: frames without all of their parts; `unequal`: one part with two bodies; `mixed`: alerts of mixtures."""
    parts: dict[tuple[str, int], set[int]] = defaultdict(set)
    wanted: dict[tuple[str, int], int] = {}
    bodies: dict[str, set[bytes]] = defaultdict(set)
    copies = 0
    for said, raw in _bridged(dumps):
        frame, (part, of) = (said["source"], said["at"]), said.get("part", [0, 1])
        parts[frame].add(part)
        wanted[frame], copies = of, copies + 1
        bodies[said["id"]].add(raw)
    found = {
        "frames": len(wanted),
        "in_parts": sum(of > 1 for of in wanted.values()),
        "copies": copies - len(bodies),
        "torn": sum(len(parts[frame]) < of for frame, of in wanted.items()),
        "unequal": sum(len(of) > 1 for of in bodies.values()),
        "mixed": _mixed(dumps),
    }
    return found | {"faults": sum(found[name] for name in ("torn", "unequal", "mixed"))}


def _bridged(dumps: Dumps) -> list[tuple[dict[str, Any], bytes]]:
    raws = [
        r.value
        for records in dumps[TELEMETRY].values()
        for r in records
        if r.key == NAME.encode() and r.value
    ]
    messages = [(orjson.loads(raw), raw) for raw in raws]
    return [(said, raw) for said, raw in messages if said.get("kind") == "samples"]


def _mixed(dumps: Dumps) -> int:
    records = (record for records in dumps[CHANGES].values() for record in records)
    changes = [orjson.loads(record.value or b"") for record in records]
    alerts = (one["alert"] for one in changes if one["subject"] == "alert" and one["what"] == "fired")
    return sum(one["rule"].startswith("balance") for one in alerts)
