"""Records of one partition go in batches, in their order, and nothing overtakes what failed."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from agents.clients.batches import PartitionBatches, Turns
from agents.clients.fence import FencedProducer
from tests.agents.doubles import BatchProducer

ROWS: list[tuple[str, bytes | None]] = [(f"row/{n:02d}", None if n == 7 else b"x" * 100) for n in range(30)]


async def test_one_turn_goes_together() -> None:
    """What is put before anybody else has a turn is one batch, with one future; what comes meanwhile is the next."""
    producer = BatchProducer(prompt=False)
    batches = PartitionBatches(producer, "topic", 2, Turns(0.0))
    first = [await batches.put(b"k", b"%d" % n, 1) for n in range(3)]
    assert len(set(first)) == 1
    await producer.handed_over.wait()
    later = [await batches.put(b"k", b"%d" % n, 1) for n in range(3, 5)]
    assert producer.batches == [("topic", 2, 3)]
    assert not first[0].done()
    producer.prompt = True
    producer.waiting[0].set_result(None)
    await batches.flush()
    assert producer.batches == [("topic", 2, 3), ("topic", 2, 2)]
    assert [value for *_, value in producer.records] == [b"0", b"1", b"2", b"3", b"4"]
    assert first[0].done()
    assert later[0].done()


async def test_partitions_go_together() -> None:
    """In a storm what is for several partitions goes at the same turn; a full batch does not wait for it."""
    producer, turns = BatchProducer(size=300), Turns(3_600.0)
    batches = [PartitionBatches(producer, "topic", number, turns) for number in range(3)]
    await asyncio.gather(*[await each.put(None, b"1", 1) for each in batches])
    assert producer.batches == [("topic", number, 1) for number in range(3)]
    waiting = await batches[0].put(None, b"x" * 250, 1)
    behind = asyncio.create_task(batches[0].put(None, b"x" * 250, 1))
    await waiting
    assert not (await behind).done()


async def test_at_once() -> None:
    """What somebody waits for does not wait for a turn, nor does what was put before it."""
    producer, turns = BatchProducer(), Turns(3_600.0)
    batches = PartitionBatches(producer, "topic", 0, turns)
    await (await batches.put(None, b"1", 1))
    before = await batches.put(None, b"2", 1)
    await (await batches.put(None, b"3", 1, at_once=True))
    assert before.done()
    assert producer.batches == [("topic", 0, 1), ("topic", 0, 2)]


async def test_full() -> None:
    """Whoever puts more than fits into a batch waits until it is on its way; the order stays."""
    producer = BatchProducer(size=300)
    batches = PartitionBatches(producer, "topic", 0, Turns(0.0))
    sent = [await batches.put(None, b"%02d" % n + b"x" * 98, 1) for n in range(20)]
    await asyncio.gather(*sent)
    assert [value[:2] for *_, value in producer.records if value] == [b"%02d" % n for n in range(20)]
    assert len(producer.batches) > 5


async def test_failure() -> None:
    """Where a batch fails, so does all that was put behind it, and nothing of that is sent."""
    producer = BatchProducer(prompt=False, fails_at=0)
    batches = PartitionBatches(producer, "topic", 0, Turns(0.0))
    first = await batches.put(None, b"1", 1)
    with pytest.raises(OSError, match="refused"):
        await first
    with pytest.raises(OSError, match="refused"):
        await batches.put(None, b"2", 1)
    assert len(producer.records) == 1


async def test_rows_go_in_few_batches() -> None:
    """Rows that fit into one batch go in one, so that Kafka has all of them or none."""
    producer = BatchProducer()
    offset = await FencedProducer(producer, "rows", 1).write(ROWS)
    assert producer.batches == [("rows", 1, 30)]
    assert offset == 29
    assert [(key, value) for *_, key, value in producer.records] == [(k.encode(), v) for k, v in ROWS]


async def test_no_row_before_the_ones_before_it() -> None:
    """While a batch of rows is not acknowledged, the next one is not sent: what Kafka has is a beginning of them."""
    producer = BatchProducer(prompt=False, size=600)
    writing = asyncio.create_task(FencedProducer(producer, "rows", 1).write(ROWS))
    for turn in range(1, 5):
        await asyncio.sleep(0.001)
        assert len(producer.batches) == turn
        producer.waiting[-1].set_result(SimpleNamespace(offset=0))
    writing.cancel()


async def test_row_that_fails() -> None:
    """Where a batch of rows is refused, no later one is sent."""
    producer = BatchProducer(size=600, fails_at=1)
    with pytest.raises(OSError, match="refused"):
        await FencedProducer(producer, "rows", 1).write(ROWS)
    assert len(producer.batches) == 2
