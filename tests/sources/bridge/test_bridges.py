"""Bridges that cannot begin, or break: each is tried again, and said once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import certifi
import pytest
from structlog.testing import capture_logs

from sources.bridge.bridges import Bridges
from sources.bridge.registry import Gateway, Registry
from tests.patience import PATIENCE
from tests.sources.conftest import unread


def bridges(tmp_path: Path, **changes: str) -> Bridges:
    """One that watches a gateway at which nobody listens."""
    (tmp_path / "token").write_text("t")
    given = {"name": "prod", "url": "https://127.0.0.1:9", "token_file": str(tmp_path / "token")} | changes
    Registry(tmp_path).put(Gateway.model_validate(given))
    return Bridges(Registry(tmp_path), lambda *_: None, lambda: 0, lambda _: True, unread)


async def test_certificates_that_cannot_be_read_are_said_once(tmp_path: Path) -> None:
    """At each look it is tried again; another reason is said, and so is that it is watched at last."""
    file = tmp_path / "ca.pem"
    made = bridges(tmp_path, ca=str(file))
    with capture_logs() as lines:
        for look in range(5):
            file.write_text("none") if look == 2 else None
            await made.look()
        file.unlink()
        file.symlink_to(certifi.where())
        await made.look()
    assert [line["event"] for line in lines] == ["this gateway is not watched"] * 2 + ["watching"]
    assert lines[0]["why"] != lines[1]["why"]
    await made.rest()


async def test_a_bridge_that_breaks_again_and_again_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is begun anew at every look; a revived one that cannot begin says so once as well."""

    async def broken(_: object) -> None:
        async with asyncio.TaskGroup():  # as a bridge's own
            raise ZeroDivisionError

    monkeypatch.setattr("sources.bridge.bridge.Bridge.run", broken)
    made = bridges(tmp_path)
    with capture_logs() as lines:
        for _ in range(6):
            await made.look()
            await asyncio.sleep(0)  # the bridge begins, and breaks
    assert [line["event"] for line in lines] == ["watching", "a bridge broke and begins anew"]
    assert lines[1]["why"].startswith("ZeroDivisionError at test_bridges.py:")
    await made.rest()


async def test_it_is_ended_while_it_ends_bridges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ended just when the lease has gone, as after a pause, it ends, and does not go on without a lease for ever."""
    ending = asyncio.Event()

    async def lingering(_: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ending.set()
            await asyncio.sleep(5)

    monkeypatch.setattr("sources.bridge.bridge.Bridge.run", lingering)
    monkeypatch.setattr("sources.bridge.bridges.LOOK", 0.01)
    made, held = bridges(tmp_path), [True]
    made._mine = lambda _: bool(held and held.pop())
    running = asyncio.create_task(made.run())
    await ending.wait()
    running.cancel()
    await asyncio.wait([running], timeout=PATIENCE)
    assert running.cancelled()
    assert made._running == {}
