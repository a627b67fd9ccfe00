"""Every topic: its name, what keys it, how long it is kept and how many partitions it has.

Machine inputs carry the broker's clock (LogAppendTime) and are never compacted, since a machine needs
each offset; `config` and the changelogs are compacted, since only the newest revision matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from streams.channels import registry

TELEMETRY, INBOX, NOTIFY = "telemetry", "inbox", "notify"
CHANGES, CONFIG = "changes", "config"
DEAD_LETTER, CURSORS, MANIFEST = "dead-letter", "cursors", "manifest"
STAGES = {"detect": TELEMETRY, "respond": INBOX, "deliver": NOTIFY}
CHANNELS = tuple(registry.CHANNELS)
DAY = 86_400_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as our tool creates it. `keep`: milliseconds, None where compaction decides; `says`: what is on it.

    `most`: bytes of a partition, for what outsiders can make grow; `most_alone`: on the Kafka of one machine, whose
    disk is not for Tocsin alone; 0: no bound.
    """

    name: str
    key: str
    partitions: Literal["stage", "one"]
    keep: int | None
    broker_time: bool = False
    compression: str = "producer"
    says: str = ""
    most: int = 0
    most_alone: int = 0

    def config(self, scenario: bool = False, embedded: bool = False) -> dict[str, str]:
        """Kafka's own settings; in a scenario the driver's timestamps are kept, and so is what seems old by them.

        `embedded`: for the Kafka of one machine.
        """
        settings = {
            "cleanup.policy": "delete" if self.keep else "compact",
            "compression.type": self.compression,
        }
        if self.keep:
            settings["retention.ms"] = "-1" if scenario else str(self.keep)
        if bound := self.most or (self.most_alone if embedded else 0):
            settings["retention.bytes"] = str(bound)
        if self.broker_time and not scenario:
            settings["message.timestamp.type"] = "LogAppendTime"
        return settings | {"max.message.bytes": str(1 << 20)}


def send(channel: str, critical: bool) -> str:
    """The topic of a channel's attempts; critical ones never queue behind others."""
    return f"send.{channel}.critical" if critical else f"send.{channel}"


def changelog(stage: str) -> str:
    """The compacted topic that holds the rows of a stage, named as Faust names it."""
    return f"{stage}-rows-changelog"


_WHOM = "recipient or endpoint"


def _changelog(stage: str) -> Topic:
    return Topic(
        changelog(stage), "row", "stage", None, says=f"The rows of {stage}, as its worker writes them."
    )


def _send(channel: str, critical: bool) -> Topic:
    says = f"{'Critical attempts' if critical else 'Attempts'} to deliver by {channel}, one call each."
    return Topic(send(channel, critical), _WHOM, "stage", 7 * DAY, says=says)


TOPICS: tuple[Topic, ...] = (
    Topic(
        TELEMETRY,
        "gateway",
        "stage",
        DAY,
        True,
        "lz4",
        "Samples and events of gateways, and detect's verdict backlogs: what detect reads.",
        most_alone=2 << 30,
    ),
    Topic(
        INBOX,
        "team",
        "stage",
        7 * DAY,
        True,
        says="Verdicts, commands, their chunks, and receipts: what respond reads.",
    ),
    Topic(
        NOTIFY,
        _WHOM,
        "stage",
        7 * DAY,
        True,
        says="Notifications, cancels, outcomes, and what deliver tells itself.",
    ),
    Topic(CHANGES, "team", "stage", 100 * DAY, says="Everything that happened: the product's memory."),
    Topic(CONFIG, "owner/kind/id", "one", None, says="The newest revision of every configuration document."),
    Topic(
        DEAD_LETTER,
        "topic/partition/offset",
        "one",
        30 * DAY,
        says="What could not be handled, whole, and why.",
        most=1 << 30,
    ),
    Topic(
        CURSORS, "gateway/source", "one", None, says="How far each poller has read what its gateway lists."
    ),
    Topic(MANIFEST, "name", "one", None, says="What our tool has made of each topic, and its incarnation."),
    *(_changelog(stage) for stage in STAGES),
    *(_send(channel, critical) for channel in CHANNELS for critical in (False, True)),
)
