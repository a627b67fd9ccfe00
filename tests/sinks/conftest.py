"""What the tests of the sinks share: attempts to send, and a real HTTP receiver on this machine."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from deploy.embedded.broker import Broker
from deploy.embedded.java import Profile
from deploy.embedded.runtime import install
from deploy.kafka.topics import Topics
from streams.messages.alert import AlertExcerpt, AlertStatus
from streams.messages.attempt import Attempt
from streams.messages.change import Change
from streams.messages.notification import Notification
from tests.sinks.ground import SIGNER, Ground, settled
from tests.sinks.receiver import Receiver

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
    what: str = "firing",
    title: str = "tool-errors",
    message: str = "80 % fail",
    labels: dict[str, str] | None = None,
    lines: int = 1,
    reference: str = "",
    **more: Any,
) -> Attempt:
    """An attempt about one alert, or some alike. `more`: further fields of the notification."""
    alert = AlertExcerpt(
        alert_id="a1",
        status=AlertStatus.RESOLVED if what == "resolved" else AlertStatus.FIRING,
        severity="critical",
        message=message,
        labels={"upstream": "x"} if labels is None else labels,
        since=1000,
    )
    notification = Notification.read(
        {
            "id": name, "at": 1_764_000_000_000, "to": to, "team": "payments", "group": group, "what": what,
            "severity": severity, "title": title, "reason_code": "first_alert", "reason": "first", "step": 0,
            "count": lines,
            "alerts": msgspec.to_builtins([alert] * lines),
            "deadline": deadline,
        } | more
    )  # fmt: skip
    return Attempt(
        id=f"{name}#{number}", at=0, notification=notification, channel="webhook", endpoint=endpoint or {},
        number=number, deadline=deadline, reference=reference,
    )  # fmt: skip


@pytest.fixture(scope="session")
def attempt() -> MakeAttempt:
    """Makes attempts."""
    return make_attempt


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    async with Receiver().listening() as receiver:
        yield receiver


def make_change(name: str = "c1", offset: int = 0, **fields: Any) -> Change:
    """A change about a notification unless told otherwise."""
    body = {
        "id": name, "at": 1000 + offset, "team": "payments", "subject": "notification", "subject_id": "n1",
        "what": "sent", "reason": "first",
    }  # fmt: skip
    return Change.read(body | fields)


def alert_snapshot(**fields: Any) -> dict[str, Any]:
    """An alert as a change shows it."""
    return {
        "id": "a1", "fingerprint": "gw|r1|x", "rule_id": "r1", "rule": "tool-errors", "status": "firing",
        "severity": "critical", "message": "80 % fail", "triggered_at": 1000, "acknowledged_at": None,
        "acknowledged_by": None, "resolved_at": None, "resolved_by": None, "resolution_notes": None,
        "team": "payments", "why_team": "owner", "gateway": "gw", "labels": {"upstream": "x"}, "groups": ["g1"],
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
