"""Which source a series belongs to: the one that sent it first, as long as it sends it.

Two producers of one series would look like one counter that leaps between two numbers. So what another source says of
it is not taken, and an alert says so. It takes over where the owner is lost or has been stopped, or no longer sends the
series; then what it shows first is a level, and no growth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tables.detect import gateway
from tables.detect.index import SIZES, Index
from tables.kernel.row import AnyRow as Row

if TYPE_CHECKING:
    from tables.detect.machine import Detect


def owner(machine: Detect, index: Index, number: int) -> str:
    """Whose a series is."""
    row = machine.rows[index.key("3", number // SIZES["3"])]
    name: str = row.value.origins.at(number % SIZES["3"], machine.offset)
    return name


def takes(machine: Detect, entry: Row, index: Index, source: str, number: int) -> bool:
    """Whether a series is the source's, or becomes so now."""
    key, slot = index.key("3", number // SIZES["3"]), number % SIZES["3"]
    block = machine.rows[key].value
    owner = block.origins.at(slot, machine.offset)
    if owner == source or machine.newer(key):
        return owner == source
    if owner and not _is_gone(machine, entry, source, owner, int(block.at[slot])):
        return False
    if (row := machine.open(key)) is not None:
        origins = row.value.origins.take((slot,), source, machine.offset, machine.clock.active)
        row.value.origins = origins
        if owner:
            row.value.forget(slot)
            index.orphans.add(number)  # its instances follow it
    index.layouts.clear()  # also the owner's, in case it sends the series again
    return True


def _is_gone(machine: Detect, entry: Row, source: str, owner: str, at: int) -> bool:
    """Whether an owner, which sent the series at event ms `at` last, does not send it any more."""
    sources = entry.value["sources"]
    of = sources.get(owner)
    if of is None or of["lost"]:
        return True
    return (
        gateway.looks(sources[source]) and machine.clock.now - at > gateway.patience(of) + machine.terms.late
    )
