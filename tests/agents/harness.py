"""Steps that several tests of the shell share: documents as the topic `config` holds them, and waiting for a claim."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from streams.messages.config import ConfigRevision
from streams.messages.envelope import decode
from tests.agents.doubles import SIGNER
from tests.patience import PATIENCE


def signed_document(
    name: str, revision: int, kind: str = "endpoint", body: dict[str, Any] | None = None
) -> bytes:
    """One signed revision."""
    document = ConfigRevision(
        id=f"{name}/{revision}", at=0, owner="platform", type=kind, name=name, revision=revision, body=body
    )
    return SIGNER.sign(document.encode(), "config")


def config_record(raw: bytes) -> Any:
    """A document, as the topic `config` holds it."""
    message = decode(raw)
    return SimpleNamespace(key=f"{message['owner']}/{message['type']}/{message['name']}".encode(), value=raw)


async def eventually(claim: Callable[[], Awaitable[bool]], limit: float = PATIENCE) -> None:
    """Wait until a claim holds; `limit` is for a hang."""
    end = time.monotonic() + limit
    while not await claim():
        assert time.monotonic() < end, "it never came true"
        await asyncio.sleep(0.3)
