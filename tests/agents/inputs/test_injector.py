"""What is put into the log of an owned partition: time, and the configuration that its machine lacks."""

from __future__ import annotations

import asyncio
from typing import Any

from agents.inputs.feed import Feed
from agents.inputs.injector import Injector
from streams.messages.envelope import decode
from tests.agents.doubles import SIGNER, Bench, worker_config
from tests.agents.harness import config_record, signed_document
from tests.patience import PATIENCE


def made(feed: Feed, tick: int = 0) -> tuple[Bench, Injector]:
    """An injector beside one owned partition."""
    bench = Bench()
    return bench, Injector(worker_config(tick=tick), bench.producer, feed)


def injected(bench: Bench) -> list[dict[str, Any]]:
    """What has been injected since the last time."""
    found = [decode(raw) for _, _, raw in bench.producer.injected]
    bench.producer.injected.clear()
    return found


async def test_tick() -> None:
    """A tick carries our time and how far the machine had applied, and it is signed."""
    bench, injector = made(Feed(SIGNER), tick=1_000)
    await bench.apply(0, 1, 2)
    await injector.round({0: bench.partition})
    topic, partition, raw = bench.producer.injected[0]
    SIGNER.verify(raw, "telemetry")
    assert (topic, partition, decode(raw)["processed"]) == ("telemetry", 0, 2_000)


async def test_no_tick_in_a_scenario() -> None:
    """Where a driver gives the time, the worker gives none."""
    bench, injector = made(Feed(SIGNER))
    await injector.round({0: bench.partition})
    assert injected(bench) == []


async def test_configuration_once() -> None:
    """A document of a kind that the stage needs is injected once for each revision, others never."""
    feed = Feed(SIGNER)
    bench, injector = made(feed)
    feed.read(config_record(signed_document("a", 1)))
    feed.read(config_record(signed_document("b", 1, kind="rule")))
    for _ in range(2):
        await injector.round({0: bench.partition})
    assert [(m["name"], m["revision"]) for m in injected(bench)] == [("a", 1)]
    feed.read(config_record(signed_document("a", 2)))
    await injector.round({0: bench.partition})
    assert [(m["name"], m["revision"]) for m in injected(bench)] == [("a", 2)]


async def test_configuration_waits_for_no_tick() -> None:
    """Between two ticks that lie an hour apart a document is injected as soon as the feed has it."""
    feed = Feed(SIGNER)
    bench, injector = made(feed, tick=3_600_000)
    keeping = asyncio.create_task(injector.keep(lambda: {0: bench.partition}))
    try:
        async with asyncio.timeout(PATIENCE):
            while not bench.producer.injected:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert [message["kind"] for message in injected(bench)] == ["tick"]
            feed.read(config_record(signed_document("a", 1)))
            while not bench.producer.injected:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert [(message["kind"], message["name"]) for message in injected(bench)] == [("config", "a")]
    finally:
        keeping.cancel()


async def test_completion() -> None:
    """When the feed has read to its end, the machine is told once that this was all."""
    feed = Feed(SIGNER)
    bench, injector = made(feed)
    await injector.round({0: bench.partition})
    feed.complete = True
    for _ in range(2):
        await injector.round({0: bench.partition})
    assert [m["complete"] for m in injected(bench)] == [True]


async def test_instants_of_a_scenario() -> None:
    """Configuration carries its own instant, or that of what was applied before it, never the clock's."""
    feed = Feed(SIGNER)
    bench, injector = made(feed)
    feed.read(config_record(signed_document("a", 1)))
    feed.complete = True
    await bench.apply(0, 1, 2)
    await injector.round({0: bench.partition})
    assert bench.producer.stamps == [2_000, 2_000]


async def test_owned_anew() -> None:
    """Who owns a partition anew compares from the beginning; what the machine holds is not injected again."""
    feed = Feed(SIGNER)
    bench, injector = made(feed)
    feed.read(config_record(signed_document("a", 1, body={"name": "a", "channel": "log"})))
    await injector.round({0: bench.partition})
    await bench.apply(0, value=bench.producer.injected[0][2])
    await bench.partition.write_out()
    bench.partition = bench.make()
    injected(bench)
    await injector.round({0: bench.partition})
    assert injected(bench) == []


def test_forged_document() -> None:
    """A document without the system's signature is refused."""
    feed = Feed(SIGNER)
    feed.read(config_record(signed_document("a", 1)[:-4] + b'00"}'))
    assert feed.entries == []


def test_newest_revision() -> None:
    """Of several revisions in the feed only the newest is told."""
    feed = Feed(SIGNER)
    for revision in (1, 3, 2):
        feed.read(config_record(signed_document("a", revision)))
    assert [entry.revision for entry in feed.since(0, ("endpoint",))] == [3]
