"""What people say of alerts of anomaly rules reaches the instances that they say it of, and nothing else."""

from __future__ import annotations

from typing import Any

from streams.documents import registry
from streams.documents.document import derived as identity
from streams.telemetry import samples
from streams.topics import TELEMETRY
from tables.detect.machine import Detect
from tables.world import World
from tests.tables.derived import derived, rebuilt
from tests.tables.torture import START

ODD = identity("platform", "rule", "odd")


def watched() -> tuple[World, Detect]:
    """Two gateways with three series each, whose models are asked at each frame."""
    rule = {"name": "odd", "anomaly": "cpu", "over": "1s", "above": 0.9}
    world = World([registry.read("rule", rule)], START)
    for second in range(5):
        for gateway in ("a", "b"):
            texts = [f'cpu{{n="{n}"}}' for n in range(3)]
            for raw in samples.frame(gateway, "s", START + 1_000 * second, texts, [1.0, 2.0, 3.0]):
                world.say(START + 1_000 * second, TELEMETRY, gateway, raw)
    world.advance(START + 5_000)
    machine = world.machines["detect"]
    assert isinstance(machine, Detect)
    return world, machine


def dismiss(world: World, n: int, revision: int, at: str | None = "2025-12-01T00:01:00Z") -> None:
    """Somebody says that a series of gateway a is as usual; without an instant it is taken back."""
    body: dict[str, Any] = {"name": f"no-{n}", "instance": f'a|{ODD}|cpu{{n="{n}"}}', "at": at or ""}
    known = registry.read("dismissal", body).body() if at else None
    world.configure("platform", "dismissal", f"no-{n}", revision, known)
    world.advance(world.now + 1)


def said(machine: Detect) -> list[list[tuple[int, ...]]]:
    """What the instances of both gateways have been told."""
    return [[one.dismissed for one in machine.plans[name].subjects[0].of.values()] for name in ("a", "b")]


def test_a_dismissal_concerns_one_instance() -> None:
    """It is heard, changed and taken back without any plan being made anew, and a machine that begins knows as much."""
    world, machine = watched()
    plans = dict(machine.plans)
    dismiss(world, 1, 1)
    assert said(machine) == [[(), (1_764_547_260_000,), ()], [(), (), ()]]
    dismiss(world, 1, 2, "2025-12-01T00:02:00Z")
    dismiss(world, 2, 1)
    assert said(machine) == [[(), (1_764_547_320_000,), (1_764_547_260_000,)], [(), (), ()]]
    assert derived(rebuilt(machine, {}))["plans"] == derived(machine)["plans"]
    dismiss(world, 1, 3, None)
    assert said(machine)[0] == [(), (), (1_764_547_260_000,)]
    assert all(machine.plans[name] is plan for name, plan in plans.items())
