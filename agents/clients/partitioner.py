"""Which partition a record key belongs to, as the clients of Kafka place it that know no better."""

from __future__ import annotations

from functools import lru_cache

from aiokafka.partitioner import murmur2

RECENT = 4_096  # keys whose partition is kept at hand: it is reckoned byte by byte


@lru_cache(maxsize=RECENT)
def partition_of(key: str, partitions: int) -> int:
    """The partition, counted from 0, of a record key among so many."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)
