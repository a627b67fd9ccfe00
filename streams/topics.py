"""Every topic: its name, what keys it, how long it is kept and how many partitions it has.

Machine inputs carry the broker's clock (LogAppendTime) and are never compacted, since a machine needs
each offset; `config` and the changelogs are compacted, since only the newest revision matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TELEMETRY, INBOX, NOTIFY, CHANGES, CONFIG = "telemetry", "inbox", "notify", "changes", "config"
DEAD_LETTER, CURSORS, MANIFEST = "dead-letter", "cursors", "manifest"
STAGES = {"detect": TELEMETRY, "respond": INBOX, "deliver": NOTIFY}
CHANNELS = ("webhook", "log")
DAY = 86_400_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as our tool creates it. `keep`: milliseconds, None where compaction decides."""

    name: str
    key: str
    partitions: Literal["stage", "one"]
    keep: int | None
    broker_time: bool = False
    compression: str = "producer"

    def config(self, scenario: bool = False) -> dict[str, str]:
        """Kafka's own settings; in a scenario the driver's timestamps are kept instead of the broker's."""
        settings = {
            "cleanup.policy": "delete" if self.keep else "compact",
            "compression.type": self.compression,
        }
        if self.keep:
            settings["retention.ms"] = str(self.keep)
        if self.broker_time and not scenario:
            settings["message.timestamp.type"] = "LogAppendTime"
        return settings | {"max.message.bytes": str(1 << 20)}


def send(channel: str, critical: bool) -> str:
    """The topic of a channel's attempts; critical ones never queue behind others."""
    return f"send.{channel}.critical" if critical else f"send.{channel}"


def changelog(stage: str) -> str:
    """The compacted topic that holds the rows of a stage, named as Faust names it."""
    return f"{stage}-rows-changelog"


TOPICS: tuple[Topic, ...] = (
    Topic(TELEMETRY, "gateway", "stage", DAY, broker_time=True, compression="lz4"),
    Topic(INBOX, "team", "stage", 7 * DAY, broker_time=True),
    Topic(NOTIFY, "recipient or endpoint", "stage", 7 * DAY, broker_time=True),
    Topic(CHANGES, "team", "stage", 100 * DAY),
    Topic(CONFIG, "owner/kind/id", "one", None),
    Topic(DEAD_LETTER, "topic/partition/offset", "one", 30 * DAY),
    Topic(CURSORS, "gateway/source", "one", None),
    Topic(MANIFEST, "name", "one", None),
    *(Topic(changelog(stage), "row", "stage", None) for stage in STAGES),
    *(
        Topic(send(channel, c), "recipient or endpoint", "stage", 7 * DAY)
        for channel in CHANNELS
        for c in (False, True)
    ),
)
