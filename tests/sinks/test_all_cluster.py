"""All channels in one process on a real Kafka: each keeps to its own topics, and one end is the end of all."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import pytest

from tests.patience import PATIENCE
from tests.sinks.channels.email.server import MailServer
from tests.sinks.ground import Ground

pytestmark = pytest.mark.cluster


async def test_all_channels_in_one_process(ground: Ground, receiver: Any, attempt: Any) -> None:
    """A webhook, a mail and a line of the log leave through one process; SIGTERM ends it cleanly, all committed."""
    async with MailServer().listening() as server:
        mail = {"channel": "email", "to": "ops@example.com", "sender": "t@example.com", "security": "none",
                "server": f"127.0.0.1:{server.port}"}  # fmt: skip
        process = await ground.start("all")
        await ground.attempts(attempt({"url": receiver.url}, name="n1"), channel="webhook")
        await ground.attempts(attempt(mail, name="n2"), channel="email")
        await ground.attempts(attempt({}, name="n3"), channel="log")
        outcomes = await ground.outcomes("n1", "n2", "n3")
        process.send_signal(signal.SIGTERM)

        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    assert {outcome["result"] for outcome in outcomes} == {"delivered"}
    assert (len(receiver.got), len(server.taken)) == (1, 1)
    assert [await ground.committed(f"sink-{name}") for name in ("webhook", "email", "log")] == [1, 1, 1]
