"""How far a list was read is known to whoever polls next, and never said before the news have arrived."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from aiokafka.errors import KafkaConnectionError
from structlog.testing import capture_logs

from sources.bridge.list_cursor import ListCursor
from sources.telemetry.cursors import Cursors
from streams.messages.shared import CursorMoved
from tests.patience import PATIENCE


@dataclass
class Store:
    """Positions in memory; while `away`, neither read nor kept."""

    away: bool = False
    kept: dict[str, int] = field(default_factory=dict)
    tried: int = 0  # how often it was away when it was needed

    async def read(self) -> dict[str, int]:
        if self.away:
            self.tried += 1
            raise KafkaConnectionError("no broker")
        return dict(self.kept)

    async def keep(self, moved: CursorMoved) -> None:
        if self.away:
            self.tried += 1
            raise KafkaConnectionError("no broker")
        self.kept[f"{moved.gateway}/{moved.source}"] = moved.position


@dataclass
class Telemetry:
    """Whether what was published has arrived."""

    gone: asyncio.Event = field(default_factory=asyncio.Event)
    arrives: bool = True
    asked: bool = False

    async def settled(self) -> bool:
        self.asked = True
        await self.gone.wait()
        return self.arrives


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what another task does."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110  # what is tested shall not know of it
            await asyncio.sleep(0.001)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store that is there; what is away is tried again at once."""
    monkeypatch.setattr("sources.telemetry.cursors.AGAIN", 0.001)
    return Store()


@pytest.fixture
async def telemetry() -> Telemetry:
    """All that is published arrives once `gone` is set."""
    return Telemetry()


@pytest.fixture
async def cursors(store: Store, telemetry: Telemetry) -> AsyncIterator[Cursors]:
    """The cursors of a process, running."""
    made = Cursors(store, telemetry.settled, lambda: 1)
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def opened(cursors: Cursors, gateway: str = "prod") -> ListCursor:
    """The cursor of a poller, as soon as it may read."""
    cursor = cursors.open(gateway, "bridge/auth")
    await until(lambda: cursor.settled)
    return cursor


async def test_a_poller_goes_on_where_another_was(
    cursors: Cursors, store: Store, telemetry: Telemetry
) -> None:
    """Each gateway has its own; one that nobody has polled has none."""
    telemetry.gone.set()
    first = await opened(cursors)
    assert first.position is None
    first.move(7)
    await until(lambda: first.settled)
    assert store.kept == {"prod/bridge/auth": 7}
    assert (await opened(cursors)).position == 7
    assert (await opened(cursors, "stage")).position is None


async def test_nothing_is_kept_before_the_news_have_arrived(
    cursors: Cursors, store: Store, telemetry: Telemetry
) -> None:
    """A process that dies before has its news read again."""
    cursor = await opened(cursors)
    cursor.move(7)
    await until(lambda: telemetry.asked)
    assert (cursor.settled, store.kept) == (False, {})
    telemetry.gone.set()
    await until(lambda: cursor.settled)
    assert store.kept == {"prod/bridge/auth": 7}


async def test_news_that_were_given_up_are_read_again(
    cursors: Cursors, store: Store, telemetry: Telemetry
) -> None:
    """The cursor stays where it was."""
    cursor = await opened(cursors)
    telemetry.arrives = False
    cursor.move(7)
    telemetry.gone.set()
    await until(lambda: cursor.settled)
    assert (cursor.position, store.kept) == (None, {})


async def test_while_kafka_is_away_it_is_tried_again(
    cursors: Cursors, store: Store, telemetry: Telemetry
) -> None:
    """It is said once; nothing is settled before, and everything after."""
    store.away = True
    with capture_logs() as lines:
        cursor = cursors.open("prod", "bridge/auth")
        await until(lambda: store.tried > 2)
        assert not cursor.settled
    assert [line["event"] for line in lines] == ["cursors wait for Kafka: no list is read on before"]
    store.away = False
    await until(lambda: cursor.settled)
    store.away = True
    telemetry.gone.set()
    cursor.move(9)
    before = store.tried
    await until(lambda: store.tried > before + 1)
    assert not cursor.settled
    store.away = False
    await until(lambda: cursor.settled)
    assert store.kept == {"prod/bridge/auth": 9}
