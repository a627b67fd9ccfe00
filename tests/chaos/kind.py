"""What can be disturbed: the shell alone on small machines, or the product as an installation runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from streams.topics import STAGES
from tables.kernel.machine import Machine
from tests.agents.tally import MACHINES
from tests.chaos.ground import Ground
from tests.chaos.load import Load
from tests.chaos.process import Process
from tests.chaos.product import ProductLoad
from tests.chaos.verdict import Ledger

APIS = ("api-a", "api-b")


@dataclass(frozen=True)
class Kind:
    """Machines, their load, the command of each kind of process, and how many of it there are.

    `whole`: with a gateway, receivers and people around it.
    """

    machines: Mapping[str, type[Machine]]
    load: Callable[[Ground, Ledger, int], Load | ProductLoad]
    commands: Mapping[str, Sequence[str]]
    slots: Mapping[str, str]
    whole: bool = False

    def start(self, ground: Ground) -> list[Process]:
        """Start all processes; those of the API each on a port of its own."""
        return [
            Process(f"{name}-{slot}", ground.folder / "log", _surroundings(ground, f"{name}-{slot}"), *words)
            for name, words in self.commands.items()
            for slot in self.slots.get(name, "ab")
        ]


def _surroundings(ground: Ground, name: str) -> Mapping[str, str]:
    return ground.environment | ({"TOCSIN_PORT": str(ground.port(name))} if name in APIS else {})


def tally() -> Kind:
    """The shell alone."""
    return Kind(MACHINES, Load, {stage: ("tests.chaos.worker", stage, "tally") for stage in MACHINES}, {})


def product() -> Kind:
    """All of the product, two processes each, but one history on its SQLite and one bridge."""
    from tables import stages  # late: the shell can be tested without the product

    commands: dict[str, Sequence[str]] = {stage: ("agents", stage) for stage in STAGES}
    commands |= {name: ("sinks", name) for name in ("log", "webhook", "history")}
    commands |= {"api": ("api", "serve"), "bridge": ("sources", "bridge")}
    return Kind(stages.STAGES, ProductLoad, commands, {"history": "a", "bridge": "a"}, whole=True)


KINDS = {"tally": tally, "product": product}
