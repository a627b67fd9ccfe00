"""Anomaly rules in the World: damage and edits cost what they touch, and a replay says what was said."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from streams.documents import registry
from streams.documents.document import PLATFORM
from streams.telemetry import samples
from streams.topics import STAGES
from tables.detect.machine import Detect
from tables.world import World
from tests.tables.torture import faults, living, plain

START = 1_764_547_200_000
ODD: dict[str, Any] = {"name": "odd", "anomaly": "load", "over": "10s", "minimum_history": "10m", "for": "0s"}
HIGH = {"name": "high", "last": "load", "above": 90, "for": "0s", "keep_firing_for": "0s"}
EDITS: list[dict[str, Any] | None] = [
    ODD | {"sensitivity": "high", "above": 0.8},
    ODD | {"quiet": "1m", "learn_while_firing": "30s"},
    ODD | {"over": "20s"},
    ODD | {"enabled": "false"},
    None,
]


def frames(world: World, first: int, last: int) -> None:
    """Frames ten seconds apart, calm but for spikes, each twice as high as the one before."""
    rnd = random.Random(first)
    for n in range(first, last):
        at, load = (
            START + 10_000 * (n + 1),
            rnd.gauss(50, 2) + (50 * 2 ** (n // 40) if n % 40 == 39 and n > 70 else 0),
        )
        for raw in samples.frame("g", "s", at, ['load{n="1"}', 'load{n="2"}'], [load, 50 + n % 3]):
            world.say(at, "telemetry", "g", raw)
    world.advance(START + 10_000 * last + 5_000)


def heard(world: World) -> list[tuple[int, bytes]]:
    """The log of detect."""
    return [(at, raw) for at, topic, _, raw in world.log if topic == STAGES["detect"]]


@pytest.mark.parametrize("edit", EDITS)
def test_a_rule_that_is_edited_mid_way_is_replayed_as_it_was_lived(edit: dict[str, Any] | None) -> None:
    """Killed anywhere, before the edit or after it, the machine says and keeps what an undisturbed one does."""
    world = World([registry.read("rule", one) for one in (ODD, HIGH)], START)
    frames(world, 0, 100)
    world.configure(PLATFORM, "rule", "odd", 2, registry.read("rule", edit).body() if edit else None)
    frames(world, 100, 160)
    world.configure(PLATFORM, "rule", "odd", 3, registry.read("rule", ODD).body())
    frames(world, 160, 200)
    assert any(one["what"] == "fired" and one["rule"] == "odd" for one in world.timeline)
    assert plain(Detect, heard(world))[1] == living(world.machines["detect"])
    assert faults(Detect, heard(world), 1) == []


def cut(stored: bytes) -> bytes:
    """The models are damaged, the list of them is not."""
    return stored[:-40]


def unlisted(stored: bytes) -> bytes:
    """The list of models does not read back."""
    head, _, raw = stored.partition(b"\0")
    return head[: head.rindex(b",[[")] + b",5]\0" + raw


@pytest.mark.parametrize("damage", [cut, unlisted])
def test_damaged_models_are_told_and_nothing_else_stops(damage: Callable[[bytes], bytes]) -> None:
    """The World goes on: each model that is lost is an alert, other rules fire, and what is unusual is learned anew."""
    world = World([registry.read("rule", one) for one in (ODD | {"quiet": "1m"}, HIGH)], START)
    frames(world, 0, 100)
    kept = {key: raw for key, raw in world.machines["detect"].snapshot() if raw}
    kept |= {key: damage(raw) for key, raw in kept.items() if key.startswith("model/")}
    world.machines["detect"] = Detect("detect-0", world.signer, kept.items())
    frames(world, 100, 260)
    fired = [
        (one["rule"], one["at"])
        for one in world.timeline
        if one["what"] == "fired" and one["at"] > START + 10**6
    ]
    lost = [rule for rule, _ in fired].count("tocsin-model-lost")
    assert lost == 2 if damage is unlisted else lost in (1, 2)
    assert {"high", "odd"} <= {rule for rule, _ in fired}


def test_what_has_lasted_is_not_said_to_be_over() -> None:
    """The outage goes on, and the message of the alert's end says what its reason says."""
    world, rnd, at = (
        World([registry.read("rule", ODD | {"learn_while_firing": "5m"})], START),
        random.Random(1),
        START,
    )
    for n in range(200):
        at, load = at + 10_000, 50 + rnd.gauss(0, 2) if n < 150 else 5 + rnd.gauss(0, 0.2)
        for raw in samples.frame("g", "s", at, ['load{n="1"}'], [load]):
            world.say(at, "telemetry", "g", raw)
    world.advance(at + 5_000)
    (over,) = [one for one in world.timeline if one["what"] == "resolved" and one.get("rule") == "odd"]
    assert "has lasted for 5m, taken for usual from now on" in over["message"]
    assert over["reason"].startswith("it has lasted for 5m")
