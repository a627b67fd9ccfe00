"""One owned partition: contiguity, cuts, and what a replay from any of them gives."""

from __future__ import annotations

import asyncio

import pytest

from agents.clients.partitioner import partition_of
from agents.partition.log_identity import LogIdentity
from agents.partition.partition import OwnedPartition
from streams.errors import Gap
from tests.agents.doubles import Bench

KEYS = [f"gw-{number}" for number in range(20)]


async def test_contiguous() -> None:
    """The next offset is applied, an older one is not applied again, a later one is a gap."""
    bench = Bench()
    await bench.apply(0, 1, 1, 0)
    assert bench.partition.machine.rows["counter/gw/up"].value.count == 2
    with pytest.raises(Gap, match="expected offset 2, got 5"):
        await bench.apply(5)


async def test_skip() -> None:
    """Where a record does not exist any more, the machine goes on behind it."""
    bench = Bench()
    await bench.apply(0)
    bench.partition.skip_to(5)
    await bench.apply(5)
    assert bench.partition.position == 6


async def test_floor() -> None:
    """A write-out returns the offset below which everything is durable, and keeps the rows."""
    bench = Bench()
    await bench.apply(0, 1, 2)
    assert await bench.partition.write_out() == 3
    assert {"head/partition", "entry/gw", "counter/gw/up", "window/gw/up"} <= bench.store.kept.keys()


async def test_taken_up_again() -> None:
    """Who owns the partition next goes on at the head row."""
    bench = Bench()
    await bench.apply(0, 1, 2)
    await bench.partition.write_out()
    bench.partition = bench.make()
    assert bench.partition.position == 3
    await bench.apply(2, 3)
    assert bench.partition.machine.rows["counter/gw/up"].value.count == 4


async def test_nothing_after_the_drop() -> None:
    """A dropped partition applies nothing, and its writer is closed."""
    bench = Bench()
    await bench.apply(0)
    await bench.partition.drop()
    await bench.apply(1)
    assert bench.partition.position == 1
    assert bench.events[-1] == "stopped"


async def test_writer_runs_beside() -> None:
    """A batch is written out by itself, and its floor is told."""
    bench = Bench()
    floors: list[int] = []
    bench.partition.write_when_due(
        lambda _, floor: floors.append(floor), lambda _, why: pytest.fail(repr(why))
    )
    await bench.apply(0, 1)
    await asyncio.sleep(0.01)
    assert floors == [2]
    await bench.partition.drop()


async def test_failure_is_told() -> None:
    """A write-out that fails is told to whoever ends the process, unless the partition is lost already."""
    bench = Bench()
    failures: list[tuple[OwnedPartition, BaseException]] = []
    bench.writer.fails = "head/partition"
    bench.partition.write_when_due(
        lambda *_: pytest.fail("no floor"), lambda owned, why: failures.append((owned, why))
    )
    await bench.apply(0)
    await asyncio.sleep(0.01)
    assert [(owned, str(why)) for owned, why in failures] == [(bench.partition, "refused")]


async def test_rebased() -> None:
    """After a rebase the log begins anew, and the machine's numbering goes on where no log has been."""
    bench = Bench(LogIdentity("i", base=1_000, start=1_000))
    assert bench.partition.position == 0
    await bench.apply(0, 1)
    assert bench.partition.machine.head.seen == 1_001
    assert await bench.partition.write_out() == 2
    assert all("@1000." in output.id for output in bench.producer.outputs)


async def test_what_was_placed_by_an_old_number_is_passed_on() -> None:
    """As it came, under its key; nothing of it is remembered here, and a replay from what is durable does the same."""
    here, elsewhere = (next(k for k in KEYS if (partition_of(k, 3) == 0) is home) for home in (True, False))
    bench = Bench()
    bench.partition = bench.make(grown_to=3)
    await bench.apply(0, key=here.encode())
    assert await bench.partition.write_out() == 1
    before = dict(bench.partition.machine.rows)
    await bench.apply(1, value=b"late", key=elsewhere.encode())
    passed_on = bench.producer.outputs[-1]
    assert passed_on[:2] == ("telemetry", elsewhere)
    assert (passed_on.raw, passed_on.reason) == (b"late", "")
    assert bench.partition.machine.rows == before
    assert bench.partition.busy
    bench.partition = bench.make(grown_to=3)
    await bench.apply(1, value=b"late", key=elsewhere.encode())
    assert bench.producer.outputs[-1] == passed_on
    assert await bench.partition.write_out() == 2


async def test_without_growth_a_record_belongs_where_it_came() -> None:
    """Its producer may place in its own way; what has no key, or none that is text, belongs to its partition always."""
    elsewhere = next(key for key in KEYS if partition_of(key, 3) != 0)
    bench = Bench()
    await bench.apply(0, key=elsewhere.encode())
    assert await bench.partition.write_out() == 1
    bench.partition = bench.make(grown_to=3)
    for offset, key in enumerate((None, b"", b"\xff\xfe"), start=bench.partition.position):
        await bench.apply(offset, key=key)
    assert not [output for output in bench.producer.outputs if output.topic == "telemetry"]
    assert bench.partition.machine.rows["counter/gw/up"].value.count == 4
