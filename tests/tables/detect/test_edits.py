"""An edited rule: what is found anew is what a machine would find that knows nothing but the rows."""

from __future__ import annotations

import pytest

from streams.documents import registry
from streams.documents.document import PLATFORM
from streams.messages.event import OWNERS, Event
from streams.telemetry import samples
from tables.detect.machine import Detect
from tables.detect.series import ownership
from tables.detect.slots.uses import Use
from tables.world import World

START = 1_764_547_200_000
SERIES = [f'{name}{{n="{n}"}}' for name in ("a", "b", "c") for n in range(3)]
EDITS = (
    {"name": "r", "last": "a", "above": "5"},
    {"name": "r", "last": "b", "above": "5"},
    {"name": "r", "avg": "b", "over": "1m", "above": "5"},
    {"name": "r", "last": "b", "above": "5", "enabled": "false"},
    {"name": "r", "last": "b", "above": "6", "enabled": "false"},
    {"name": "r", "ratio": "a / c", "by": ["gateway"], "over": "1m", "above": "5"},
    None,
    {"name": "r", "last": 'c{n="1"}', "above": "5"},
)


def frame(world: World) -> None:
    """All series of one gateway, a second later."""
    world.advance(world.now + 1_000)
    for raw in samples.frame("g", "s", world.now, SERIES, [1.0] * len(SERIES)):
        world.say(world.now, "telemetry", "g", raw)
    world.advance(world.now)


def place(use: Use) -> tuple[str, int, int]:
    """What tells a use apart."""
    return use.compiled.id, use.role, use.series


@pytest.mark.parametrize("edits", range(1, len(EDITS) + 1))
def test_an_edit_finds_what_a_restart_finds(edits: int) -> None:
    """Rules of other metrics keep what they have, and nothing that is kept is out of date."""
    other = {"name": "other", "last": "a", "above": "5"}
    world = World([registry.read("rule", one) for one in (other, EDITS[0])], START)
    frame(world)
    for revision, edit in enumerate(EDITS[1:edits], 2):
        body = registry.read("rule", edit).body() if edit else None
        world.configure(PLATFORM, "rule", "r", revision, body)
        frame(world)
    machine = next(one for one in world.machines.values() if isinstance(one, Detect))
    kept, (name,) = dict(machine.indexes), machine.indexes
    machine.compile()
    anew = machine.index(name)
    assert sorted(kept[name].uses, key=place) == sorted(anew.uses, key=place)
    machine.offset += 1  # as the next message finds it
    for index in (kept[name], anew):
        ownership.settle(machine, index)
    assert kept[name].unclaimed == anew.unclaimed


def test_an_inventory_finds_what_a_restart_finds() -> None:
    """A gateway changes hands again and again: what rules of teams read is what a machine finds that has just begun."""
    rules = [registry.read("rule", {"name": name, "last": name, "above": "0", "for": "0s", "team": team})
             for name, team in (("a", "edge"), ("b", "core"), ("c", "platform"))]  # fmt: skip
    world = World(rules, START)
    machine = next(one for one in world.machines.values() if isinstance(one, Detect))
    read: list[set[str]] = []
    for turn, team in enumerate(["", "edge", "core", "core", "", "edge"]):
        event = Event(
            id=f"{turn}", at=world.now, gateway="g", source="s", type=OWNERS, attributes={"team": team}
        )
        world.say(world.now, "telemetry", "g", event.encode())
        frame(world)
        read.append({use.compiled.rule.name for use in machine.index("g").uses})
        uses = sorted(machine.index("g").uses, key=place)
        machine.compile()
        assert sorted(machine.index("g").uses, key=place) == uses
    assert read == [{"a", "b", "c"}, {"a", "c"}, {"b", "c"}, {"b", "c"}, {"a", "b", "c"}, {"a", "c"}]
