"""The canaries of one installation: how many partitions in, a name for each out, which decides where it flies."""

from __future__ import annotations

from itertools import count

from aiokafka.partitioner import DefaultPartitioner

from streams.canary.names import PREFIX, recipient


def names(partitions: int, channel: str) -> list[str]:
    """A name for each partition, by which its canary goes through that partition of each stage."""
    everywhere = list(range(partitions))
    place = DefaultPartitioner()
    by_partition: dict[int, str] = {}
    for number in count(1):
        name = f"{PREFIX}{number}"
        first = place(name.encode(), everywhere, everywhere)
        last = place(recipient(name, channel).encode(), everywhere, everywhere)
        if first == last:
            by_partition.setdefault(first, name)
        if len(by_partition) == partitions:
            break
    return [by_partition[partition] for partition in everywhere]
