"""The read model on a real Kafka: every change once, and no other log taken for the one that was read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import func, select

from deploy.kafka.topics import Topics
from sinks.history import schema
from sinks.history.database import address, engine
from streams.messages.change import Change
from streams.topics import CHANGES
from tests.sinks.ground import SIGNER, Ground

pytestmark = pytest.mark.cluster


async def written(ground: Ground, count: int) -> int:
    """How many entries the read model has, once it has `count` or after twenty seconds."""
    assert await ground.says('"started"')  # by then the tables have been made
    made, found = engine(address(ground.settings)), 0
    for _ in range(200):
        with made.connect() as connection:
            found = connection.scalar(select(func.count()).select_from(schema.timeline)) or 0
        if found >= count:
            break
        await asyncio.sleep(0.1)
    made.dispose()
    return found


async def test_history(ground: Ground, change: Any, snapshot: Any) -> None:
    """Changes become rows; a kill repeats and loses nothing; what does not fit goes to the dead letters."""

    def say(names: range) -> Any:
        fields = {"subject": "alert", "alert": snapshot()}
        return ground.say(
            CHANGES, *(("t", SIGNER.sign(change(f"c{n}", n, **fields).encode(), CHANGES)) for n in names)
        )

    process = await ground.start("history")
    await say(range(700))
    poison: Change = change("poison", subject="alert")
    await ground.say(CHANGES, ("t", SIGNER.sign(poison.encode(), CHANGES)), ("t", b"garbage"))
    assert await written(ground, 300) >= 300
    process.kill()
    await process.wait()
    await say(range(600, 900))
    await ground.start("history")

    assert await written(ground, 900) == 900
    assert len(await ground.letters(2)) >= 2


async def test_a_topic_made_anew(ground: Ground, change: Any) -> None:
    """A topic that was removed and made anew is an alarm that names the fix, which then works."""
    process = await ground.start("history")
    await ground.say(CHANGES, *(("t", SIGNER.sign(change(f"c{n}").encode(), CHANGES)) for n in range(3)))
    assert await written(ground, 3) == 3
    process.kill()
    await process.wait()
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.settings.bootstrap)
    await admin.start()
    await admin.delete_topics([CHANGES])
    await asyncio.sleep(1)
    await admin.close()
    await Topics(ground.settings, SIGNER).create()
    await ground.say(CHANGES, ("t", SIGNER.sign(change("c9").encode(), CHANGES)))

    assert await (await ground.start("history")).wait() == 78
    assert await ground.says("is another topic than the one that the read model has read")
    assert await (await ground.start("history", "--rebase")).wait() == 0
    await ground.start("history")
    assert await written(ground, 4) == 4
