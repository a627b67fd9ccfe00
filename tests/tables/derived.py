"""What a machine derives from its rows and never stores, in a form that can be compared."""

from __future__ import annotations

from typing import Any

import numpy as np

from streams.signature import Signer
from tables.deliver.machine import Deliver
from tables.detect.machine import Detect
from tables.detect.series import ownership
from tables.detect.series.slot_index import SlotIndex
from tables.kernel.configuration import Configured
from tables.world import KEY


def rebuilt(machine: Configured, store: dict[str, bytes]) -> Configured:
    """Another machine from what a write-out leaves in the store."""
    for key, raw in machine.snapshot():
        store.pop(key, None) if raw is None else store.__setitem__(key, raw)
    return type(machine)(machine.name, Signer([KEY]), sorted(store.items()))


def derived(machine: Configured) -> dict[str, Any]:
    """By name; what is found again on first use is found now."""
    rows = machine.rows.values()
    found: dict[str, Any] = {
        "index": machine.index_keys._keys,
        "index names": machine.index_keys._names,
        "deadlines": {(row.deadline, row.key) for row in rows if row.deadline is not None},
        "unqueued": {
            row.key
            for row in rows
            if row.deadline is not None and (row.deadline, row.key) not in [*machine.heap, *machine.calendar]
        },
        "dying": machine.dying,
        "documents": {key: one.body() for key, one in machine.documents.items()},
        "deleted": {key: one.body() for key, one in machine.deleted.items()},
    }
    if isinstance(machine, Deliver):
        people = machine.ctx.contact_endpoints._people
        found["contact endpoints"] = {name: who for name, who in people.items() if who}
    return found | (_detect(machine) if isinstance(machine, Detect) else {})


def _detect(machine: Detect) -> dict[str, Any]:
    gateways = [row.key.partition("/")[2] for row in machine.scan_sorted("gateway")]
    return {
        "debts": machine.backlog.keys,
        "rules": {id: rule.body() for id, rule in machine.rules.items()},
        "watches": {id: watch.rule.body() for id, watch in machine.compiled_rules.items()},
        "inputs": [(one.compiled.id, *one[1:]) for one in machine.inputs],
        "composites": {
            id: (one.watch.rule.body(), one.ids) for id, one in sorted(machine.composites.items())
        },
        "dismissed": {
            name: sorted(one.name for one in some) for name, some in machine.dismissed.items() if some
        },
        "indices": {name: _index(machine, machine.index(name)) for name in gateways},
        "plans": {name: _plain(machine.plan(machine.index(name))) for name in gateways},
    }


def _index(machine: Detect, index: SlotIndex) -> dict[str, Any]:
    uses = [(use.compiled.id, *use[1:]) for use in index.uses]
    machine.offset += 1  # as the next message finds it
    ownership.settle(machine, index)
    machine.offset -= 1
    active = machine.clock.active
    vacant = {
        level: (some.count(active), some.ready, some.resting) for level, some in index.vacancies.items()
    }
    return {"names": index.names, "uses": sorted(uses), "unclaimed": index.unclaimed, "vacant": vacant}


def _plain(one: Any) -> Any:
    """Arrays as lists, watches as their ids."""
    if isinstance(one, np.ndarray):
        return [repr(value) for value in one.tolist()]
    if isinstance(one, tuple | list):
        return [_plain(value) for value in one]
    if isinstance(one, dict):
        return {key: _plain(value) for key, value in one.items()}
    return getattr(one, "id", one)
