"""The consumer commits floors, whatever has been acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

from faust.types import TP

from agents.consumer.floors import FloorConsumer
from agents.worker.app import StageApp
from tests.agents.doubles import worker_config
from tests.patience import PATIENCE

HERE = TP("telemetry", 0)


class Unconnected(FloorConsumer):
    """The consumer without a connection: it owns one partition, and its commits do what they are told."""

    succeeds = True

    def assignment(self) -> set[TP]:
        return {HERE}

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        self.commits: list[dict[TP, int]] = [*getattr(self, "commits", []), dict(offsets)]
        return self.succeeds


def unconnected() -> Unconnected:
    """An application's consumer."""
    app = StageApp(worker_config())
    app.finalize()
    member = Unconnected(
        app.transport,
        callback=cast(Any, print),
        on_partitions_revoked=cast(Any, None),
        on_partitions_assigned=cast(Any, None),
    )
    app.consumer = cast(Any, member)
    return member


async def test_no_floor_no_commit() -> None:
    """Without a floor nothing is committed, however many messages were acknowledged."""
    member = unconnected()
    member._acked[HERE] = [0, 1, 2]
    assert not await member.commit()


async def test_floor() -> None:
    """The floor is committed as it is, and once."""
    member = unconnected()
    member.application.floors[HERE] = 7
    assert await member.commit()
    assert not await member.commit()
    assert member.commits == [{HERE: 7}]


async def test_failed_commit() -> None:
    """A commit that failed is not remembered as done: the next one commits the same offset."""
    member = unconnected()
    member.application.floors[HERE] = 7
    member.succeeds = False
    assert not await member.commit()
    member.succeeds = True
    assert await member.commit()
    assert member.commits == [{HERE: 7}, {HERE: 7}]


async def test_handed_on_once() -> None:
    """A message is handed on, and one before it is not: Faust may poll it again."""
    member, handed = unconnected(), list[int]()

    async def callback(message: Any) -> None:
        handed.append(message.offset)

    member.callback = callback
    member.app.flow_control.resume()
    for offset in (3, 2, 4):
        await member._hand_on(HERE, cast(Any, SimpleNamespace(offset=offset)))
    assert handed == [3, 4]


async def test_stopped_flow() -> None:
    """Where the flow is stopped, a message that would wait for its queue is dropped: it is read again after a seek."""
    member = unconnected()

    async def callback(_: Any) -> None:
        await asyncio.Event().wait()

    member.callback = callback
    member.stop_flow()
    await asyncio.wait_for(member._hand_on(HERE, cast(Any, SimpleNamespace(offset=3))), PATIENCE)


def test_static_member() -> None:
    """A worker is a static member under its stage and slot, unless the settings say otherwise."""
    assert StageApp(worker_config(slot="3")).conf.consumer_group_instance_id == "detect-3"
    assert StageApp(worker_config(static_membership=False)).conf.consumer_group_instance_id is None
