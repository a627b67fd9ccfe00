"""Which addresses a client is given: those that answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agents.clients import bootstrap

THREE = {"bootstrap_servers": "one:1,two:2,[::1]:3", "security_protocol": "SSL", "request_timeout_ms": 20_000}


class Connection:
    """One that was opened."""

    def close(self) -> None:
        """Closed."""


def connecting(*silent: str) -> Any:
    """Opens connections, but waits for ever for hosts that are silent."""

    async def connect(host: str, port: int, **how: Any) -> Connection:
        assert how.keys() == {"security_protocol", "request_timeout_ms"}
        if host in silent:
            await asyncio.Event().wait()
        return Connection()

    return connect


@pytest.mark.parametrize(
    ("silent", "left"),
    [
        ((), "one:1,two:2,[::1]:3"),
        (("two",), "one:1,[::1]:3"),
        (("one", "::1"), "two:2"),
        (("one", "two", "::1"), "one:1,two:2,[::1]:3"),
    ],
)
async def test_who_is_silent_is_not_asked(
    silent: tuple[str, ...], left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that takes a connection and says nothing is left out, unless all are so; the rest stays as it was."""
    monkeypatch.setattr(bootstrap, "create_conn", connecting(*silent))
    monkeypatch.setattr(bootstrap, "LIMIT", 0.02)
    assert await bootstrap.answering(THREE) == {**THREE, "bootstrap_servers": left}


async def test_the_only_one_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no other, there is nothing to choose."""
    monkeypatch.delattr(bootstrap, "create_conn")
    client = {"bootstrap_servers": "one:1"}
    assert await bootstrap.answering(client) is client
