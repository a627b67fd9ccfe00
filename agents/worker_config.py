"""A worker's configuration: stage, machine, topics and place, from the settings and the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.messages.manifest import Incarnation
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import STAGES, changelog
from tables.kernel.machine import Machine

GATHER = 0.01  # seconds


@dataclass(frozen=True)
class WorkerConfig:
    """`manifest`: incarnations by topic, all that this stage needs; `client`: how clients of Kafka connect."""

    stage: str
    settings: Settings
    machine: type[Machine]
    signer: Signer
    manifest: Mapping[str, Incarnation]
    client: Mapping[str, Any]

    @property
    def input(self) -> str:
        """The topic that the machine reads."""
        return STAGES[self.stage]

    @property
    def changelog(self) -> str:
        """The topic that holds its rows."""
        return changelog(self.stage)

    @property
    def partitions(self) -> int:
        """How many partitions both have."""
        return self.manifest[self.input].partitions

    @property
    def grown_to(self) -> int:
        """The same once the stage was given more, so that a producer may still place by the old number; else 0."""
        return self.partitions if self.manifest[self.input].counted_from else 0

    @property
    def name(self) -> str:
        """The worker's name: stage and slot."""
        return f"{self.stage}-{self.settings.slot}"

    @property
    def folder(self) -> Path:
        """Where the worker keeps its local copy of rows."""
        return Path(self.settings.data) / "rows" / self.name

    @property
    def write_out_every(self) -> float:
        """Seconds between write-outs; 0: after each small batch."""
        return self.settings.write_out_detect / 1_000 if self.stage == "detect" else 0.0

    @property
    def gather(self) -> float:
        """Seconds for which records that come in quick succession are gathered: not where it is decided who is told."""
        return 0.0 if self.stage == "respond" else GATHER
