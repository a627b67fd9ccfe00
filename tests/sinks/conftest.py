"""What the tests of the sinks share: attempts to send, and a real HTTP receiver on this machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.broker import Broker
from deploy.embedded.java import Profile
from deploy.embedded.runtime import install
from deploy.kafka.topics import Topics
from streams.said import Attempt, Change, Line, Notification
from tests.sinks.ground import SIGNER, Ground, settled

FAR = 4_000_000_000_000  # ms: a deadline that no test reaches
MakeAttempt = Callable[..., Attempt]


def make_attempt(
    endpoint: dict[str, Any] | None = None,
    name: str = "n1",
    number: int = 1,
    to: str = "endpoint/pager",
    group: str = "g1",
    deadline: int = FAR,
    severity: str = "critical",
) -> Attempt:
    """An attempt about one alert."""
    line = Line(
        alert_id="a1",
        status="firing",
        severity="critical",
        message="80 % fail",
        labels={"upstream": "x"},
        since=1000,
    )
    notification = Notification.model_validate(
        {
            "id": name, "at": 1_764_000_000_000, "to": to, "team": "payments", "group": group, "what": "firing",
            "severity": severity, "title": "tool-errors", "reason": "first", "step": 0, "count": 1, "lines": [line],
            "deadline": deadline,
        }
    )  # fmt: skip
    return Attempt(
        id=f"{name}#{number}", at=0, notification=notification, channel="webhook", endpoint=endpoint or {},
        number=number, deadline=deadline,
    )  # fmt: skip


@pytest.fixture(scope="session")
def attempt() -> MakeAttempt:
    """Makes attempts."""
    return make_attempt


@dataclass
class Request:
    """One request as it came in."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """An HTTP server that answers what it is told to and keeps what it got."""

    answer: str = "HTTP/1.1 204 No Content\r\n\r\n"
    delay: float = 0.0
    got: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """All requests of one connection."""
        self.connections += 1
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                first, *rest = head.strip().split("\r\n")
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}
                self.got.append(
                    Request(first, headers, await reader.readexactly(int(headers.get("content-length", 0))))
                )
                await asyncio.sleep(self.delay)
                writer.write(self.answer.encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    one = Receiver()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    yield one
    server.close()


def make_change(name: str = "c1", offset: int = 0, **fields: Any) -> Change:
    """A change about a notification unless told otherwise."""
    body = {
        "id": name, "at": 1000 + offset, "team": "payments", "subject": "notification", "subject_id": "n1",
        "what": "sent", "reason": "first",
    }  # fmt: skip
    return Change.model_validate(body | fields)


def alert_snapshot(**fields: Any) -> dict[str, Any]:
    """An alert as a change shows it."""
    return {
        "id": "a1", "instance": "gw|r1|x", "rule_id": "r1", "rule": "tool-errors", "status": "firing",
        "severity": "critical", "message": "80 % fail", "triggered_at": 1000, "acknowledged_at": None,
        "acknowledged_by": None, "resolved_at": None, "resolved_by": None, "resolution_notes": None,
        "team": "payments", "why_team": "owner", "gateway": "gw", "labels": {"upstream": "x"}, "group": "g1",
        "value": 0.8, "runbook": "", "unknown": "", "delayed": False, "version": 1,
    } | fields  # fmt: skip


@pytest.fixture(scope="session")
def change() -> Callable[..., Change]:
    """Makes changes."""
    return make_change


@pytest.fixture(scope="session")
def snapshot() -> Callable[..., dict[str, Any]]:
    """Makes alert snapshots."""
    return alert_snapshot


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker on a directory of its own."""
    with Broker(tmp_path / "kafka", install(os.environ), profile=Profile.TEST) as running:
        yield running


@pytest.fixture
async def ground(broker: Broker, tmp_path: Path) -> AsyncIterator[Ground]:
    """A Kafka that is ready for the sinks."""
    one = settled(tmp_path, broker.bootstrap)
    await Topics(one.settings, SIGNER).create()
    yield one
    for process in one.processes:
        if process.returncode is None:
            process.kill()
            await process.wait()
