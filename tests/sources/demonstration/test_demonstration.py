"""The gateway that only pretends: what it claims, how it is served, and what heals it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from sources.bridge.connect_report import connect
from sources.bridge.exposition import Exposition
from sources.demonstration.acknowledgement import acknowledges
from sources.demonstration.fake_gateway import FAILING, FAILS, HEALS, UPSTREAMS, FakeGateway
from sources.demonstration.loopback import Loopback
from streams.messages.alert import AlertSnapshot, AlertStatus
from streams.messages.change import Change
from streams.messages.envelope import decode
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]


def snapshot(gateway: str, labels: dict[str, str]) -> AlertSnapshot:
    """An alert as a change shows it."""
    return AlertSnapshot(
        id="a", fingerprint="f", rule_id="r", rule="r", status=AlertStatus.ACKNOWLEDGED, severity="critical",
        message="m", triggered_at=0, team="platform", why_team="w", gateway=gateway, labels=labels, version=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("healed", "now", "failing"),
    [
        (None, FAILS - 1, False),
        (None, FAILS, True),
        (None, FAILS + HEALS - 1, True),
        (None, FAILS + HEALS, False),
        (50_000, 49_999, True),
        (50_000, 50_000, False),
    ],
)
def test_it_fails_on_purpose_until_somebody_acknowledges(healed: int | None, now: int, failing: bool) -> None:
    """Half a minute after the start; ten minutes at most."""
    gateway = FakeGateway(0, healed)
    unreachable = [one["name"] for one in gateway.gateways(now) if not one["reachable"]]
    assert unreachable == ([FAILING] if failing else [])


def test_its_counters_only_grow() -> None:
    """A counter that shrinks would be taken for a restart."""
    polls = [Exposition().read(FakeGateway(0).exposition(at)) for at in range(0, 600_000, 2_000)]
    for before, after in pairwise(polls):
        for series, old, new in zip(before.series, before.values, after.values, strict=True):
            assert new >= old or not series.startswith("http_")


async def test_the_ordinary_client_cannot_tell_it_from_a_real_one() -> None:
    """It answers all that the survey asks."""
    server = Loopback(lambda path: FakeGateway(0).answer(path, FAILS))
    found = await connect(await server.start(), lambda: "token")
    await server.stop()
    assert [endpoint.path for endpoint in found.coverage if not endpoint.seen] == []
    assert [one.name for one in found.upstreams] == list(UPSTREAMS)
    assert [one.name for one in found.broken] == [FAILING]


async def test_it_changes_nothing_for_anyone() -> None:
    """It takes questions only, and survives nonsense."""
    server = Loopback(lambda path: FakeGateway(0).answer(path, 0))
    url = await server.start()
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(f"{url}/health", content=b"x")).status_code == 405
        assert (await client.get(f"{url}/nowhere")).status_code == 404
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(b"nonsense\r\n\r\n")
        assert await reader.read() == b""
        assert (await client.get(f"{url}/health")).json() == {"status": "healthy"}
        writer.close()
    await server.stop()


@pytest.mark.parametrize(
    ("what", "upstream", "gateway", "heals"),
    [
        ("acknowledged", FAILING, "demonstration", True),
        ("fired", FAILING, "demonstration", False),
        ("resolved", FAILING, "demonstration", True),
        ("acknowledged", "demo-mail", "demonstration", False),
        ("acknowledged", FAILING, "prod", False),
    ],
)
def test_only_the_acknowledgement_of_its_own_alert_heals_it(
    what: str, upstream: str, gateway: str, heals: bool
) -> None:
    """A real gateway may have an upstream of the same name."""
    alert = snapshot(gateway=gateway, labels={"upstream": upstream})
    change = Change(
        id="1",
        at=0,
        team="platform",
        subject="alert",
        subject_id="a",
        what=what,
        by="anna",
        reason="anna took it",
        alert=alert,
    )
    assert acknowledges(decode(change.encode()), "demonstration", FAILING) is heals
    itself = replace(change, what="resolved", by="")
    assert not acknowledges(decode(itself.encode()), "demonstration", FAILING)


@pytest.mark.parametrize(
    ("work", "last"), [("bridge", "following the registry"), ("demonstration", "Kafka does not answer")]
)
def test_a_process_without_a_broker_waits_and_ends_cleanly(work: str, last: str, tmp_path: Path) -> None:
    """It says what it waits for, once, and SIGTERM ends it with exit code 0."""
    settings = {"TOCSIN_KAFKA_BOOTSTRAP": "127.0.0.1:9", "TOCSIN_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "sources", work]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | settings, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stderr
        while last not in (line := child.stderr.readline()):
            assert line, "it ended by itself"
        child.send_signal(signal.SIGTERM)
        _, said = child.communicate(timeout=PATIENCE)
    assert child.returncode == 0
    assert last not in said


def test_a_wrong_setting_is_one_line() -> None:
    """No stack trace for what its operator can mend."""
    ran = subprocess.run(
        [sys.executable, "-m", "sources", "bridge"],
        cwd=ROOT,
        env={**os.environ, "TOCSIN_KAFKA_BOOTSTRP": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 78
    assert ran.stderr.startswith("sources: TOCSIN_KAFKA_BOOTSTRP")
    assert ran.stderr.count("\n") == 1
