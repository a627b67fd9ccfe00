"""What tests of growing stages share: a driver, documents, and what was to be told so far."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

from agents.clients.group_members import members
from streams.connection import client
from streams.messages.config import ConfigRevision
from streams.topics import CONFIG, NOTIFY
from tests.chaos.ground import Ground


@asynccontextmanager
async def driver(ground: Ground) -> AsyncIterator[Any]:
    """A started producer."""
    producer = ground.producer()
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def configure(ground: Ground, *documents: tuple[str, str, dict[str, Any]]) -> None:
    """The first revisions of documents, each (owner, kind, body)."""
    async with driver(ground) as producer:
        for owner, kind, body in documents:
            name = f"{owner}/{kind}/{body['name']}"
            document = ConfigRevision(
                id=name,
                at=0,
                owner=owner,
                type=kind,
                name=body["name"],
                revision=1,
                body=body | {"team": owner},
            )
            raw = ground.signer.sign(document.encode(), CONFIG)
            await producer.send_and_wait(CONFIG, raw, key=name.encode())


async def notifications(ground: Ground) -> list[dict[str, Any]]:
    """All that was to be told so far, each once, whatever was sent twice."""
    records = [record for some in (await ground.dump(NOTIFY)).values() for record in some]
    bodies = {body["id"]: body for record in records if (body := orjson.loads(record.value or b"{}"))}
    return [body for body in bodies.values() if body.get("kind") == "notification"]


async def left(ground: Ground, *stages: str) -> bool:
    """Whether Kafka has forgotten that the workers of these stages were members."""
    return not await members(client(ground.settings), stages)
