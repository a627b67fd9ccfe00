"""Values that outsiders send: numbers, and nothing that only looks like one."""

from __future__ import annotations

from typing import Any

import pytest

from streams.documents import registry
from streams.messages.envelope import encode
from streams.telemetry import samples
from tables.world import World

START = 1_764_547_200_000


@pytest.mark.parametrize("values", [["9", 9.0], [True, 9.0], ["9", "x"], [[9], 9], ["9", None]])
def test_what_is_no_number_is_no_value(values: list[Any]) -> None:
    """A text with a figure in it, or a truth, is refused by name, whatever else the batch holds."""
    rule = {"name": "r", "last": "a", "above": "0", "for": "0s"}
    world = World([registry.read("rule", rule)], START)
    body = {"gateway": "g", "source": "s", "series": ["a", "b"], "values": values}
    world.say(START, "telemetry", "g", encode("samples", "x", START, body))
    world.advance(START + 5_000)
    refused = [e["reason"] for e in world.timeline if e["subject"] == "dead-letter"]
    assert [f"`values[0]` is {values[0]!r}, not a number" in reason for reason in refused] == [True]
    assert not [e for e in world.timeline if e["subject"] == "alert" and e.get("rule") == "r"]


def test_whole_numbers_and_gaps_are_values() -> None:
    """JSON has one kind of number; null is nothing known."""
    rule = {"name": "r", "last": "a", "above": "5", "for": "0s"}
    world = World([registry.read("rule", rule)], START)
    for raw in samples.frame("g", "s", START, ["a", "b"], [9, None]):  # type: ignore[list-item]
        world.say(START, "telemetry", "g", raw)
    world.advance(START + 5_000)
    assert [e["what"] for e in world.timeline if e["subject"] == "alert" and e.get("rule") == "r"][:1] == [
        "fired"
    ]
