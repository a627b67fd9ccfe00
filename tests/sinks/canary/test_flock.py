"""Which canaries there are: together they fly through every partition, however many each stage has."""

from __future__ import annotations

import pytest

from sinks.canary.flock import StagePartitions, names
from streams.canary.names import is_canary

GROWN = [(1, 1, 1), (4, 4, 4), (24, 24, 24), (4, 12, 4), (8, 12, 4), (4, 8, 12), (12, 8, 20), (96, 24, 48)]


@pytest.mark.parametrize("counts", GROWN)
def test_they_fly_through_every_partition_of_every_stage(counts: tuple[int, int, int]) -> None:
    """With hardly more names than the largest stage has partitions, each once, and each a canary's."""
    partitions = StagePartitions(*counts)
    flock = names(partitions, "webhook")
    through = zip(*(partitions.through(name, "webhook") for name in flock), strict=True)
    assert [set(places) for places in through] == [set(range(count)) for count in counts]
    assert max(counts) <= len(set(flock)) == len(flock) <= max(counts) + 2
    assert all(is_canary(name) for name in flock)


def test_the_same_installation_has_the_same_canaries() -> None:
    """After a restart they are known; another channel has other recipients, and so other names."""
    partitions = StagePartitions(4, 12, 4)
    assert names(partitions, "webhook") == names(partitions, "webhook") != names(partitions, "email")
