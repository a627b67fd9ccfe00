"""What can be disturbed: the shell alone on small machines, or the product as an installation runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from streams.topics import STAGES
from tables.machine import Machine
from tests.agents.tally import MACHINES
from tests.chaos.ground import Ground
from tests.chaos.load import Load
from tests.chaos.process import Process
from tests.chaos.product import ProductLoad
from tests.chaos.verdict import Ledger


@dataclass(frozen=True)
class Kind:
    """Machines, their load, the command of each kind of process, and how many of it there are."""

    machines: Mapping[str, type[Machine]]
    load: Callable[[Ground, Ledger, int], Load | ProductLoad]
    commands: Mapping[str, Sequence[str]]
    slots: Mapping[str, str]

    def start(self, ground: Ground) -> list[Process]:
        """Start all processes."""
        return [
            Process(f"{name}-{slot}", ground.folder / "log", ground.environment, *words)
            for name, words in self.commands.items()
            for slot in self.slots.get(name, "ab")
        ]


def tally() -> Kind:
    """The shell alone."""
    return Kind(MACHINES, Load, {stage: ("tests.chaos.worker", stage, "tally") for stage in MACHINES}, {})


def product() -> Kind:
    """The product's stages, two workers each; the log sink, two of it; and the history sink, one on its SQLite."""
    from tables import stages  # late: the shell can be tested without the product

    commands: dict[str, Sequence[str]] = {stage: ("agents", stage) for stage in STAGES}
    return Kind(
        stages.STAGES,
        ProductLoad,
        commands | {name: ("sinks", name) for name in ("log", "history")},
        {"history": "a"},
    )


KINDS = {"tally": tally, "product": product}
