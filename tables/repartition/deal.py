"""The rows of one partition, dealt out to the partitions that follow it when a stage is given more of them.

The number grows by whole multiples: of `n` partitions that become `m`, partition `p` is followed by `p`, `p + n`,
`p + 2n` and so on below `m`, and by no other. So every new log has one ancestor, whose clocks it goes on with, and a
deadline on the active clock means what it meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple

from streams.errors import Misconfigured
from tables.kernel import row as rows
from tables.kernel.level import level_name
from tables.kernel.machine import Machine
from tables.repartition.divided import PARTS, Successor
from tables.repartition.home import Home, Whole, home

Rows = dict[str, bytes]
Partitioner = Callable[[str, int], int]  # of a record key, and how many partitions there are


class Growth(NamedTuple):
    """A stage that is given more partitions. `partitioner`: the one that producers of its input use."""

    machine: type[Machine]
    before: int
    after: int
    partitioner: Partitioner

    def successors(self, partition: int) -> range:
        """Who follows a partition; the first of them is itself."""
        return range(partition, self.after, self.before)

    def name(self, partition: int) -> str:
        """What the machine of a partition is called."""
        return f"{self.machine.stage}-{partition}"


class Checksum(NamedTuple):
    """What rows of gateways, teams or recipients amount to, in whatever partitions they lie. `hashes`: their sum."""

    rows: int = 0
    hashes: int = 0

    def __or__(self, other: Checksum) -> Checksum:
        """That of both sets of rows."""
        return Checksum(self.rows + other.rows, (self.hashes + other.hashes) % (1 << 256))

    def __str__(self) -> str:
        """The sum as people compare it."""
        return f"{self.hashes:064x}"


def check_multiple(before: int, after: int) -> None:
    """Misconfigured where a stage of `before` partitions cannot be given `after` of them."""
    if after > before and after % before == 0:
        return
    some = ", ".join(str(before * factor) for factor in (2, 3, 4, 6))
    raise Misconfigured(
        f"{before} partitions cannot become {after}: choose a multiple of {before} ({some}, …); so each new partition "
        "follows one old one, and its timers go on"
    )


def deal(growth: Growth, partition: int, stored: Mapping[str, bytes]) -> dict[int, Rows]:
    """What each successor of a partition holds, by its number, from all rows of the partition.

    Misconfigured where a row's record key belongs to another partition: its producer uses another partitioner.
    """
    stage = growth.machine.stage
    homes: dict[str, Home] = {key: home(stage, key) for key in stored if key[0] != "!"}
    owners = {owner for owner in homes.values() if isinstance(owner, str)}
    place = {owner: growth.partitioner(owner, growth.after) for owner in owners}
    _refuse_strays(growth, partition, place)
    ancestor = growth.name(partition)
    return {
        number: dict(_kept(growth, stored, homes, Successor(number, ancestor, number == partition, place)))
        for number in growth.successors(partition)
    }


def _kept(
    growth: Growth, stored: Mapping[str, bytes], homes: Mapping[str, Home], successor: Successor
) -> Iterator[tuple[str, bytes]]:
    for key, owner in homes.items():
        if owner is Whole.PARTS:
            yield key, _part(growth, key, stored[key], successor)
        elif owner is Whole.EACH or (owner is Whole.FIRST and successor.first) or successor.keeps(owner):
            yield key, stored[key]


def checksum(
    stage: str, stored: Mapping[str, bytes], within: Callable[[str], bool] = lambda _: True
) -> Checksum:
    """How many rows there are whose record key is `within`, and the sum of their hashes.

    Rows of a partition as a whole do not count, since each successor has some of its own.
    """
    total = Checksum()
    for key, value in stored.items():
        owner = home(stage, key) if key[0] != "!" else None
        if isinstance(owner, str) and within(owner):
            row = b"%d %s %s" % (len(key), key.encode(), value)
            total |= Checksum(1, int.from_bytes(sha256(row).digest()))
    return total


def _part(growth: Growth, key: str, stored: bytes, successor: Successor) -> bytes:
    level = next(level for level in growth.machine.levels if level.name == level_name(key))
    row = rows.decode(key, stored, level)
    if row.value is not None and not row.dead:
        row.value = PARTS[level.name](row.value, successor)
    return row.encode(level)


def _refuse_strays(growth: Growth, partition: int, place: Mapping[str, int]) -> None:
    strays = sorted(owner for owner, number in place.items() if number % growth.before != partition)
    if strays:
        known, others = growth.partitioner(strays[0], growth.before), len(strays) - 1
        raise Misconfigured(
            f"{growth.name(partition)} holds {strays[0]!r:.80}, which belongs to partition {known} by its name"
            f"{f', and {others} more' if others else ''}: let its producer place records as Kafka's own does "
            "(`murmur2` of the key), and wait until the rows in the wrong place are forgotten"
        )
