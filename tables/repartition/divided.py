"""Rows that say something of many gateways or endpoints of a partition, as each of its successors goes on with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from tables.deliver.circuit.lifecycle import CircuitState
from tables.deliver.circuit.state import Circuit
from tables.deliver.levels import CIRCUIT
from tables.detect.health.roster import mark_of
from tables.detect.health.state import Roster
from tables.detect.levels import ROSTER


class Successor(NamedTuple):
    """Who goes on with a partition's rows. `ancestor`: the machine that had them; `first`: whether it is that one.

    `place`: of each record key of its rows, the partition that it belongs to from now on.
    """

    partition: int
    ancestor: str
    first: bool
    place: Mapping[str, int]

    def keeps(self, owner: object) -> bool:
        """Whether the rows of a record key are its own."""
        return isinstance(owner, str) and self.place[owner] == self.partition


def of_roster(roster: Roster, successor: Successor) -> Roster:
    """The gateways that the successor knows. What was told of many at once stays with whoever told it."""
    ours = {gateway for gateway in successor.place if successor.keeps(gateway)}
    marks = {mark_of(gateway) for gateway in ours}
    part = Roster(
        names={name: offset for name, offset in roster.names.items() if name in marks},
        alone=tuple(silent for silent in roster.alone if silent.partition("|")[0] in ours),
        many={name: count for name, count in roster.many.items() if name in marks},
        named=tuple(gateway for gateway in roster.named if gateway in ours),
    )
    if not successor.first:
        return part
    return replace(part, told=roster.told, turns=roster.turns, severity=roster.severity)


def of_circuit(circuit: Circuit, successor: Successor) -> Circuit:
    """The same trust in the endpoint. Its alert keeps the name of the machine that told it, whoever ends it."""
    if circuit.state is CircuitState.CLOSED:
        return circuit
    return replace(circuit, told_by=circuit.told_by or successor.ancestor)


PARTS: Mapping[str, Callable[[Any, Successor], Any]] = {ROSTER.name: of_roster, CIRCUIT.name: of_circuit}
