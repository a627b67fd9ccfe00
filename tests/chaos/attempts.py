"""What became of attempts: each was handed to a sink at least once, and the sink's report is in the ledger's log."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from streams.topics import CHANNELS, NOTIFY, send
from tests.chaos.ground import Ground


async def calls(ground: Ground, logs: Path) -> dict[str, Any]:
    """Counts of a run. `unheard`: attempts that no sink has reported; `twice`: calls beyond an attempt's first."""
    attempts: set[tuple[str, int]] = set()
    for topic in (send(channel, critical) for channel in CHANNELS for critical in (False, True)):
        for records in (await ground.dump(topic)).values():
            for record in records:
                said = orjson.loads(record.value or b"")
                attempts.add((said["notification"]["id"], said["number"]))
    reported: set[tuple[str, int]] = set()
    for records in (await ground.dump(NOTIFY)).values():
        for record in records:
            said = orjson.loads(record.value or b"")
            if said["kind"] == "outcome":
                reported.add((said["notification"], said["number"]))
    made = _made(logs)
    return {
        "attempts": len(attempts),
        "calls": sum(made.values()),
        "unheard": len(attempts - reported),
        "twice": sum(made.values()) - len(made),
        "invented": len(made.keys() - attempts),
    }


def _made(logs: Path) -> Counter[tuple[str, int]]:
    """Calls of the log channel: the lines that it has written."""
    made: Counter[tuple[str, int]] = Counter()
    for log in logs.glob("log-*.log"):
        for line in log.read_bytes().splitlines():
            try:
                said = orjson.loads(line)
            except ValueError:
                continue
            if "notification_id" in said:
                made[said["notification_id"], said["attempt"]] += 1
    return made
