"""From a real TLS server to an alert: the prober's frames, judged by the shipped rules in the World."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from sources.bridge.bridge import Bridge, Extras
from sources.contextforge.client import Client
from sources.prober.gateway_certificates import UPSTREAMS, GatewayCertificates
from sources.prober.target import Target
from sources.prober.watch import Watch
from streams.documents.registry import read
from streams.messages.change import UNLISTED
from streams.messages.envelope import decode
from streams.telemetry import samples
from streams.telemetry.layout_memory import LayoutMemory
from streams.topics import TELEMETRY
from tables.world import World
from tests.patience import PATIENCE
from tests.sources.conftest import Clock, ScriptedGateway, upstream
from tests.sources.prober.authority import Issued, issue, server

RULES = Path(__file__).parents[3] / "rules" / "contextforge.yaml"
ROOT = issue(authority=True, subject="root")
NOW = int(ROOT.certificate.not_valid_before_utc.timestamp() + 86_400) * 1_000


async def alerts(tmp_path: Path, *shown: Issued) -> list[dict[str, Any]]:
    """What happens to alerts where a host shows these certificates, one after the other, ten minutes each."""
    bodies = yaml.load(RULES.read_text(), yaml.BaseLoader)["rules"]  # noqa: S506  # texts only
    world = World([read("rule", body) for body in bodies], NOW)
    watch = Watch("login", "prober/platform/login", lambda *_: None, lambda: world.now, 60_000)
    port = 0
    for certificate in shown:
        async with server(certificate.write(tmp_path / "server.pem"), port) as port:
            watch.over([Target("host", "localhost", port, authority=ROOT.pem)])
            await watch.once()
        for _ in range(20):
            for raw in watch.messages(world.now):
                world.say(world.now, TELEMETRY, "login", raw)
            world.advance(world.now + 30_000)
    return [
        entry for entry in world.timeline if entry["subject"] == "alert" and entry["what"] not in UNLISTED
    ]


def told(happened: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Rule, what and severity of each."""
    return [(entry["rule"], entry["what"], entry["severity"]) for entry in happened]


async def test_a_good_certificate_is_no_news(tmp_path: Path) -> None:
    """Nobody is told of what is well."""
    assert await alerts(tmp_path, issue(ROOT)) == []


async def test_a_certificate_that_ends_soon(tmp_path: Path) -> None:
    """A warning with the days that are left, and where to renew it."""
    (fired,) = await alerts(tmp_path, issue(ROOT, days=10))
    assert told([fired]) == [("certificate-ends", "fired", "warning")]
    assert "ends in 10 days" in fired["message"]
    assert "address=127.0.0.1" in fired["message"]


async def test_an_expired_certificate_that_is_renewed(tmp_path: Path) -> None:
    """Critical twice, for its days and for what clients say; over when the new one is there."""
    happened = await alerts(tmp_path, issue(ROOT, days=-1, age=9), issue(ROOT))
    fired = told(happened)[:2]
    assert sorted(fired) == [
        ("certificate-ends", "fired", "critical"),
        ("certificate-invalid", "fired", "critical"),
    ]
    assert "reason=expired" in next(
        one["message"] for one in happened if one["rule"] == "certificate-invalid"
    )
    over = {entry["rule"] for entry in happened if entry["what"] == "resolved"}
    assert over == {"certificate-ends", "certificate-invalid"}


async def test_a_broken_chain_and_a_wrong_name_are_two_alerts(tmp_path: Path) -> None:
    """Each has its own reason, and each is mended for itself."""
    happened = await alerts(tmp_path, issue(names=("elsewhere.example",)))
    assert told(happened) == [("certificate-invalid", "fired", "critical")] * 2
    reasons = sorted(entry["labels"]["reason"] for entry in happened)
    assert reasons == ["untrusted", "wrong_name"]


async def test_the_bridge_watches_what_its_gateway_lists(
    tmp_path: Path, client: Client, gateway: ScriptedGateway, clock: Clock
) -> None:
    """An upstream's certificate is looked at without any configuration, by the name that alerts use."""
    heard, lists = asyncio.Queue[samples.Batch](), LayoutMemory()

    def publish(_: str, at: int, bodies: Sequence[bytes]) -> None:
        for body in map(decode, bodies):
            if body["kind"] == "samples" and body["source"] == UPSTREAMS:
                heard.put_nowait(lists.read(body))

    clock.now = NOW / 1_000
    async with server(issue(ROOT, days=20).write(tmp_path / "server.pem")) as port:
        gateway.lists(upstream("search", url=f"https://localhost:{port}/mcp"))
        certificates = GatewayCertificates("prod", publish, clock.milliseconds)
        running = asyncio.create_task(
            Bridge("prod", client, publish, clock.milliseconds, 50, Extras(certificates)).run()
        )
        batch = await asyncio.wait_for(heard.get(), PATIENCE)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    days = dict(zip(batch.series, batch.values, strict=True))
    name = f'certificate_days_left{{address="127.0.0.1",host="localhost:{port}",kind="upstream",upstream="search"}}'
    assert round(days[name] or 0) == 20
    assert not any(text.startswith("certificate_fault") for text in days)
