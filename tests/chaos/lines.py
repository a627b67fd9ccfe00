"""What the log channel has written: the lines of its processes, as calls."""

from __future__ import annotations

from pathlib import Path

import orjson

from sinks.channels.webhook.standard_webhooks import header_id
from tests.chaos.receiver import Call

WRITTEN = 200  # as if somebody had answered


def lines(folder: Path) -> list[Call]:
    """Every notification in the logs of the log sinks; without the two fields that only a line has."""
    found: list[Call] = []
    for log in sorted(folder.glob("log-*.log")):
        for line in log.read_bytes().splitlines():
            try:
                said = orjson.loads(line)
            except ValueError:
                continue
            if isinstance(said, dict) and "notification_id" in said:
                body = {name: value for name, value in said.items() if name not in ("to", "event")}
                found.append(Call(0.0, header_id(said["notification_id"]), orjson.dumps(body), WRITTEN))
    return found
