"""The process that tells of traces, without Kafka."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from sinks.runtime import kafka
from sinks.traces import serve as process
from streams.settings import Settings

ADDRESS = "http://us:hunter2@collector:4318/v1/traces?key=hunter3"


async def test_no_key_of_the_receiver_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address may hold one; its host is enough to know where traces go."""
    stopping = asyncio.Event()

    class Client:
        async def getmany(self, **_: int) -> dict[Any, Any]:
            stopping.set()
            await asyncio.sleep(0)
            return {}

        async def stop(self) -> None:
            """Nothing is held."""

        close = stop

    async def connected(*_: Any) -> Client:
        return Client()

    async def known(*_: Any) -> None:
        """All topics are there."""

    monkeypatch.setattr(kafka, "connect", connected)
    monkeypatch.setattr(kafka, "wait_for_topics", known)
    monkeypatch.setattr(process, "exporter", lambda _: lambda _: True)
    settings = Settings(data=str(tmp_path), system_keys="k" * 32, traces=ADDRESS)
    with capture_logs() as told:
        await process.serve(settings, stopping)
    assert [each["traces"] for each in told if each["event"] == "started"] == ["collector"]
    assert "hunter" not in str(told)
