"""How a lease ends, and what it says where Kafka does not confirm it; without a Kafka."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, KafkaError
from structlog.testing import capture_logs

from sources.telemetry import lease
from streams.settings import Settings
from streams.text.hindrance import ACLS
from streams.topics import TELEMETRY
from tests.patience import PATIENCE


class Member:
    """A consumer that is given everything at once, and whose coordinator answers with an error."""

    def __init__(self, why: Exception) -> None:
        self._why = why

    async def start(self) -> None:
        """Kafka is there."""

    async def stop(self) -> None:
        """Leave."""

    def subscribe(self, _: list[str], listener: lease.Lease) -> None:
        """Give it its share."""
        self.given = asyncio.ensure_future(listener.on_partitions_assigned(set()))

    def pause(self, *_: Any) -> None:
        """Nothing is read."""

    def partitions_for_topic(self, _: str) -> set[int]:
        """One."""
        return {0}

    async def getmany(self, timeout_ms: int) -> None:
        """Nothing comes."""
        await asyncio.sleep(timeout_ms / 1_000)

    async def committed(self, _: Any) -> None:
        """The coordinator's word."""
        raise self._why


async def test_whatever_ends_a_part_ends_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or polling would rest for ever, with a warning about Kafka."""
    monkeypatch.setattr(lease, "_member", lambda _: Member(ValueError("a bug")))
    held = lease.Lease(Settings())
    with pytest.raises(ValueError, match="a bug"):
        await asyncio.wait_for(held.keep(lambda: asyncio.sleep(0)), PATIENCE)


async def test_a_share_of_before_a_pause_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was given while this process stood still reaches it when it wakes: by then it may be another's."""
    now = [0.0]
    monkeypatch.setattr(lease, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(lease, "_member", lambda _: Member(ValueError("a bug")))
    held = lease.Lease(Settings(session=10_000))
    with pytest.raises(ValueError, match="a bug"):
        await held.keep(lambda: asyncio.sleep(0))
    await held.on_partitions_assigned({TopicPartition(TELEMETRY, 0)})
    assert held.mine("search")
    now[0] = 60.0
    await held.on_partitions_assigned({TopicPartition(TELEMETRY, 0)})
    assert not held.mine("search")


async def test_a_permission_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka is up, and refuses to tell us of our group: nobody is sent to start it."""
    refused, rests = GroupAuthorizationFailedError("bridge"), asyncio.Event()
    monkeypatch.setattr(lease, "_member", lambda _: Member(refused))

    async def rest() -> None:
        rests.set()

    with capture_logs() as lines:
        kept = asyncio.create_task(lease.Lease(Settings(session=1_000)).keep(rest))
        await asyncio.wait_for(rests.wait(), PATIENCE)
        kept.cancel()
    (warning,) = [line for line in lines if line["log_level"] == "warning"]
    assert (warning["fix"], "GroupAuthorizationFailed" in warning["why"]) == (ACLS, True)


@pytest.mark.parametrize("why", [None, KafkaConnectionError()])
def test_silence_has_its_own_fix(why: KafkaError | None) -> None:
    """What is not there has to be started, and the session may be longer."""
    assert lease.unconfirmed(why).fix == lease.AWAY
