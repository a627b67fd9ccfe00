"""A World whose stages get more partitions in the middle of their lives; it is held against one that is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from aiokafka.partitioner import murmur2

from streams import timetable
from streams.documents.document import Owned
from streams.messages.attempt import Attempt
from streams.signature import Signer
from streams.timetable import Timetable
from streams.topics import STAGES
from tables.kernel.configuration import Configured
from tables.kernel.output import Output
from tables.repartition.deal import Growth, deal
from tables.stages import STAGES as MACHINES
from tables.world import KEY, Answer, World, taken

IDS = ("id", "group", "notification")  # count places in logs, or name machines
FOLDER = Path(__file__).parents[2] / "scenarios"
SELF = "\x00"  # before the number of the partition to which a machine speaks without a key


def place(key: str, partitions: int) -> int:
    """As Kafka's own clients place a record."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)


def rows_of(machine: Configured, store: dict[str, bytes]) -> dict[str, bytes]:
    """What a write-out leaves in the store."""
    for key, raw in machine.snapshot():
        store.pop(key, None) if raw is None else store.__setitem__(key, raw)
    return store


class Partitions:
    """The machines of one stage, as a World sees one of them."""

    def __init__(self, machines: list[Configured]) -> None:
        """By their numbers."""
        self.machines = machines
        self.kinds = machines[0].kinds

    def scan_sorted(self, name: str) -> Iterator[Any]:
        """The rows of all of them."""
        return (row for machine in self.machines for row in machine.scan_sorted(name))

    def grown(self, after: int, start: int) -> Partitions:
        """So many more of them, each with its rows; their inputs are counted from `start` on."""
        before, stage = len(self.machines), self.machines[0].stage
        growth = Growth(MACHINES[stage], before, after, place)
        stores: dict[int, dict[str, bytes]] = {}
        for number, machine in enumerate(self.machines):
            stores |= deal(growth, number, rows_of(machine, machine.store))  # type: ignore[attr-defined]
        return Partitions([begun(stage, number, stores[number], start) for number in range(after)])


def begun(stage: str, number: int, store: dict[str, bytes], start: int = 0) -> Configured:
    """The machine of a partition, from its rows; its next input counts as `start`."""
    machine = MACHINES[stage](f"{stage}-{number}", Signer([KEY]), sorted(store.items()))
    machine.store = store  # type: ignore[attr-defined]
    machine.head.seen = max(machine.head.seen, start - 1)
    return machine


class Grown(World):
    """`grows`: by the instant, ms, the number of partitions that each stage gets then."""

    def __init__(
        self,
        documents: Iterable[Owned] = (),
        start: int = 0,
        receive: Callable[[Attempt], Answer | None] = taken,
        grows: dict[int, int] | None = None,
    ) -> None:
        """Begins with two partitions a stage."""
        self.partitions = {stage: Partitions([begun(stage, n, {}) for n in range(2)]) for stage in STAGES}
        self._grows = sorted((grows or {}).items())
        self._keys: dict[bytes, str] = {}
        super().__init__(documents, start, receive)
        self.machines = self.partitions  # type: ignore[assignment]

    def _arrive(self, topic: str, key: str, raw: bytes) -> None:
        while self._grows and self._grows[0][0] <= self.now:
            at, count = self._grows.pop(0)
            for stage, partitions in self.partitions.items():
                self.partitions[stage] = partitions.grown(count, at)
        self._keys[raw] = key
        super()._arrive(topic, key.partition(SELF)[0], raw)

    def _apply(self, stage: str, stamp: int, raw: bytes) -> None:
        machines = self.partitions[stage].machines
        key, _, own = self._keys[raw].partition(SELF)
        numbers = [int(own)] if own else [place(key, len(machines))] if key else range(len(machines))
        for number in numbers:
            machine = machines[number]
            for output in machine.apply(machine.head.seen + 1, stamp, raw):
                own_input = output.topic == STAGES[stage] and not output.key
                key = f"{SELF}{number}" if own_input else output.key
                self._pass_on(Output(output.topic, key, output.id, output.raw, output.reason))


def read(name: str) -> Timetable:
    """A timetable by its file's name."""
    path = FOLDER / f"{name}.yaml"
    return timetable.read(yaml.load(path.read_text(), yaml.BaseLoader))  # noqa: S506 texts only: we parse them


def words(timeline: list[dict[str, Any]]) -> list[str]:
    """What was told and when; without ids, and without an order inside an instant."""
    return sorted(str({name: entry[name] for name in sorted(entry) if name not in IDS}) for entry in timeline)
