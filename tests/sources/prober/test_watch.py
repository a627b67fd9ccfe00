"""The watch over certificates: when it looks, what it says, and what it survives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from sources.prober import watch as watching
from sources.prober.certificate import Certificate
from sources.prober.handshake import Look
from sources.prober.inspection import DAYS, FAULT
from sources.prober.target import Target
from sources.prober.watch import AGAIN, Watch
from streams.messages.envelope import decode
from streams.telemetry.layout_memory import LayoutMemory
from tests.patience import PATIENCE
from tests.sources.conftest import Clock
from tests.sources.prober.authority import issue, server

GOOD = Look(Certificate("CN=a", "CN=root", 0, 10**15, "ab"), {})
BAD = Look(None, {"unreachable": "refused"})
TARGET = Target("host", "127.0.0.1", 9)
EVERY = 600_000


class Looked:
    """Looks that a test decides; it counts them."""

    def __init__(self, look: Look) -> None:
        self.look, self.count = look, 0

    async def __call__(self, target: Target, address: str) -> Look:
        self.count += 1
        return self.look


def silent(gateway: str, at: int, bodies: Sequence[bytes]) -> None:
    """Nobody listens."""


def made(clock: Clock, look: Callable[[Target, str], Awaitable[Look]]) -> Watch:
    """A watch over TARGET."""
    watch = Watch("prod", "prober/x", silent, clock.milliseconds, EVERY, look)
    watch.over([TARGET])
    return watch


async def test_what_is_well_is_looked_at_again_in_its_time_and_what_is_not_within_a_minute(
    clock: Clock,
) -> None:
    """An alert ends soon after somebody has renewed a certificate."""
    looked = Looked(GOOD)
    watch = made(clock, looked)
    counts = []
    for seconds, look in ((0, GOOD), (EVERY // 1000 - 1, GOOD), (1, BAD), (AGAIN // 1000, BAD), (1, GOOD)):
        clock.now += seconds
        looked.look = look
        await watch.once()
        counts.append(looked.count)
    assert counts == [1, 1, 2, 3, 3]


async def test_a_name_that_does_not_resolve_is_one_fault(clock: Clock) -> None:
    """It has no address, and is told all the same."""
    watch = made(clock, Looked(GOOD))
    watch.over([Target("host", "does-not-exist.invalid", 443)])
    await watch.once()
    (batch,) = [LayoutMemory().read(decode(body)) for body in watch.messages(7)]
    assert (batch.gateway, batch.source, batch.at) == ("prod", "prober/x", 7)
    assert len(batch.series) == 1
    assert 'reason="unreachable"' in batch.series[0]


async def test_what_is_no_target_any_more_is_forgotten(clock: Clock) -> None:
    """An upstream that was deleted has no certificate, even where its handshake was under way."""
    watch: Watch

    async def meanwhile(target: Target, address: str) -> Look:
        watch.over([])
        return GOOD

    watch = made(clock, meanwhile)
    await watch.once()
    assert watch.messages(0) == []


async def test_nothing_is_said_before_each_target_was_looked_at(clock: Clock) -> None:
    """After a restart a frame with half of them would end the alerts of the other half."""
    go_on = asyncio.Event()

    async def slow(target: Target, address: str) -> Look:
        if target is not TARGET:
            await go_on.wait()
        return GOOD

    watch = made(clock, slow)
    watch.over([TARGET, Target("host", "127.0.0.1", 10)])
    looking = asyncio.create_task(watch.once())
    while not watch._inspection.looks:  # noqa: ASYNC110  # the look is put down after it has returned
        await asyncio.sleep(0)
    assert watch.messages(0) == []
    go_on.set()
    await looking
    assert len(LayoutMemory().read(decode(watch.messages(0)[0])).series) == 4


async def test_an_upstream_that_goes_down_keeps_what_its_certificate_said(clock: Clock) -> None:
    """Its chain is judged from then on, and its certificate ends all the same."""
    looked = Looked(GOOD)
    watch, lists = made(clock, looked), LayoutMemory()
    watch.over([Target("upstream", "127.0.0.1", 9, "search", judged=False)])
    await watch.once()
    before = lists.read(decode(watch.messages(0)[0])).series
    looked.look = BAD
    watch.over([Target("upstream", "127.0.0.1", 9, "search", judged=True)])
    held = lists.read(decode(watch.messages(0)[0])).series
    await watch.once()
    after = lists.read(decode(watch.messages(0)[0])).series
    assert looked.count == 2
    assert held == before == [text for text in after if not text.startswith(FAULT)]


async def test_a_source_whose_last_target_went_goes_on_with_empty_frames(clock: Clock) -> None:
    """Only so does whoever judges know that the certificate is gone, and not the prober."""
    watch = made(clock, Looked(GOOD))
    await watch.once()
    assert watch.messages(0)
    watch.over([])
    (batch,) = [LayoutMemory().read(decode(body)) for body in watch.messages(0)]
    assert batch.series == []


async def test_a_real_server_that_is_renewed(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an expired certificate to a good one: the frames say both, the second as soon as it was looked at."""
    monkeypatch.setattr(watching, "STEP", 0.01)
    root, heard = issue(authority=True, subject="root"), asyncio.Queue[dict[str, float | None]]()
    told, lists = clock.milliseconds, LayoutMemory()

    def publish(gateway: str, at: int, bodies: Sequence[bytes]) -> None:
        (batch,) = [lists.read(decode(body)) for body in bodies]
        heard.put_nowait(dict(zip(batch.series, batch.values, strict=True)))

    clock.now = issue().certificate.not_valid_before_utc.timestamp() + 86_400
    file = tmp_path / "server.pem"
    async with server(issue(root, days=-2, age=9).write(file)) as port:
        watch = Watch("prod", "prober/x", publish, told, EVERY)
        watch.over([Target("host", "localhost", port, authority=root.pem)])
        running = asyncio.create_task(watch.run())
        before = await asyncio.wait_for(heard.get(), PATIENCE)
    async with server(issue(root, days=60).write(file), port):
        clock.now += EVERY / 1000
        after = await asyncio.wait_for(heard.get(), PATIENCE)
        while any(text.startswith(FAULT) for text in after if "unreachable" not in text):
            after = await asyncio.wait_for(heard.get(), PATIENCE)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert any('reason="expired"' in text for text in before)
    assert -2 in [round(value or 0) for text, value in before.items() if text.startswith(DAYS)]
    assert not any('reason="expired"' in text for text in after)
    assert 60 in [round(value or 0) for text, value in after.items() if text.startswith(DAYS)]
