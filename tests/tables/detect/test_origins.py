"""Which source feeds an instance, now and before."""

from __future__ import annotations

import pytest

from tables.detect.series.slot_sources import SlotSources

CHANGED = SlotSources(("a", "a", "b")).take([0, 2], "", 10, 1_000).take([0], "c", 20, 2_000)


@pytest.mark.parametrize(
    ("offset", "fed"),
    [
        (9, {"a": [True, True, False], "b": [False, False, True], "c": [False] * 3}),
        (10, {"a": [False, True, False], "b": [False] * 3, "": [True, False, True]}),
        (20, {"a": [False, True, False], "c": [True, False, False], "": [False, False, True]}),
    ],
)
def test_a_newer_block_tells_what_was(offset: int, fed: dict[str, list[bool]]) -> None:
    """Whatever has changed since, it is known which source fed a slot when a message had come."""
    assert {source: CHANGED.fed(source, offset).tolist() for source in fed} == fed


def test_changes_are_forgotten() -> None:
    """What no replay reaches back to is not kept; what is fed now stays."""
    kept = [CHANGED.settled(at) for at in (1_000, 1_001, 2_001)]
    assert [len(sources.changes) for sources, _ in kept] == [3, 1, 0]
    assert [lost for _, lost in kept] == [-1, CHANGED.changes[1][0], CHANGED.changes[2][0]]
    assert kept[2][0].names == ("c", "a", "")


def test_they_read_back() -> None:
    """What is packed comes back."""
    assert SlotSources.unpack(CHANGED.pack()) == CHANGED
