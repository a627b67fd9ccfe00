"""The canaries of one installation: how many partitions each stage has in, names out, which decide where they fly."""

from __future__ import annotations

from itertools import count
from typing import NamedTuple

from aiokafka.partitioner import DefaultPartitioner

from streams.canary.names import PREFIX, recipient

IN_VAIN = 1_000  # names that are tried for one which is new to every stage; then one new to any stage does


class StagePartitions(NamedTuple):
    """How many partitions each stage reads from: of `telemetry`, `inbox` and `notify`."""

    detect: int
    respond: int
    deliver: int

    def through(self, name: str, channel: str) -> tuple[int, int, int]:
        """Through which partition of each stage the canary of a name flies."""
        gateway, endpoint = name.encode(), recipient(name, channel).encode()
        return _place(gateway, self.detect), _place(gateway, self.respond), _place(endpoint, self.deliver)


def names(partitions: StagePartitions, channel: str) -> list[str]:
    """Names of canaries that fly, together, through every partition of every stage; few more than the largest has."""
    missing = [set(range(of_stage)) for of_stage in partitions]
    flock: list[str] = []
    in_vain = 0
    for number in count(1):
        if not any(missing):
            break
        name = f"{PREFIX}{number}"
        through = list(zip(partitions.through(name, channel), missing, strict=True))
        new = [place in unseen for place, unseen in through if unseen]
        if all(new) or (any(new) and in_vain > IN_VAIN):
            for place, unseen in through:
                unseen.discard(place)
            flock.append(name)
            in_vain = 0
        in_vain += 1
    return flock


_partitioner = DefaultPartitioner()


def _place(key: bytes, partitions: int) -> int:
    everywhere = range(partitions)
    return int(_partitioner(key, everywhere, everywhere))
