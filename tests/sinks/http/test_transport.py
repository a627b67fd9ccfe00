"""The transport: a pool for each endpoint, and TLS to the name while the connection goes to a checked address."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.certificate import Authority
from sinks.channels.webhook.channel import Webhook
from sinks.outcome import Delivered, Retry
from tests.sinks.harness import here, resources


async def test_many_endpoints(receiver: Any, attempt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections of endpoints that were not called lately are closed, and opened again when they are."""
    monkeypatch.setattr("sinks.http.transport.KEPT", 2)
    shared = resources()
    channel = Webhook(shared)
    for to in ("a", "a", "b", "c", "a"):
        assert isinstance(await channel.send(attempt({"url": receiver.url}, to=to)), Delivered)
    await shared.close()

    assert receiver.connections == 4


async def test_tls_carries_the_name(receiver: Any, attempt: Any, tmp_path: Path) -> None:
    """A certificate for the name is accepted and one for another name is not, wherever the address points."""
    now = datetime.now(UTC)
    authority = Authority.create("of the test", now)
    trust = ssl.create_default_context(cafile=authority.write(tmp_path / "ca.pem"))
    side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    side.load_cert_chain(authority.issue(tmp_path / "server.pem", now, host="hooks.example"))
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=side)
    port = server.sockets[0].getsockname()[1]
    shared = resources(resolve=here, tls=trust)
    channel = Webhook(shared)
    answers = [
        await channel.send(attempt({"url": f"https://{name}.example:{port}/"})) for name in ("hooks", "other")
    ]
    await shared.close()
    server.close()

    assert isinstance(answers[0], Delivered)
    assert isinstance(answers[1], Retry)
    assert "certificate" in answers[1].reason
