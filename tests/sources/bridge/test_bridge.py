"""The bridge polls on a beat, whatever the gateway does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
from structlog.testing import capture_logs

from sources.bridge.bridge import TEAMS, Bridge
from sources.bridge.frames import Frames
from sources.contextforge.client import Client
from streams.messages.envelope import LARGEST, decode
from streams.telemetry.samples import PART, read
from tests.patience import PATIENCE
from tests.sources.conftest import Clock, ScriptedGateway


class Heard(list[bytes]):
    """Everything that was published."""

    def publish(self, gateway: str, at: int, bodies: Sequence[bytes]) -> None:
        self.extend(bodies)


async def test_a_frame_carries_the_instant_at_which_its_poll_began(client: Client, clock: Clock) -> None:
    """All frames of a poll say the same time, the clock's that was given."""
    said = Heard()
    await Bridge("prod", client, said.publish, clock.milliseconds, 15_000).once()
    assert {decode(body)["at"] for body in said} == {1_000_000}
    assert {decode(body)["gateway"] for body in said} == {"prod"}


async def test_teams_are_asked_for_every_five_minutes(
    client: Client, gateway: ScriptedGateway, clock: Clock
) -> None:
    """Names of teams change seldom, and the gateway's patience is limited."""
    bridge = Bridge("prod", client, Heard().publish, clock.milliseconds, 15_000)
    for _ in range(3):
        await bridge.once()
    clock.now += TEAMS / 1000
    await bridge.once()
    assert gateway.paths.count("/v1/teams/") == 2


async def test_a_long_list_of_upstreams_is_asked_for_less_often_than_the_beat(
    client: Client, gateway: ScriptedGateway, clock: Clock
) -> None:
    """1.1.0 allows a hundred of its pages a minute, and everything else goes on at every beat."""
    after_each = ("b", "c", "d", None) * 3
    pages: list[dict[str, object]] = [{"gateways": [], "nextCursor": after} for after in after_each]
    gateway.answers["/v1/gateways"] = [httpx.Response(200, json=page) for page in pages]
    bridge = Bridge("prod", client, Heard().publish, clock.milliseconds, 2_000)
    for _ in range(6):
        await bridge.once()
        clock.now += 2
    assert gateway.paths.count("/v1/gateways") == 2 * 4
    assert gateway.paths.count("/ready") == 6


async def test_a_dead_gateway_is_asked_for_nothing_but_its_health(
    client: Client, gateway: ScriptedGateway
) -> None:
    """Each further question would only wait for its time-out."""
    gateway.answers["/health"] = httpx.ConnectTimeout("slow")
    await Bridge("prod", client, Heard().publish, lambda: 0, 15_000).once()
    assert gateway.paths == ["/health"]


async def test_a_gateway_that_dies_and_returns_is_polled_all_along(
    client: Client, gateway: ScriptedGateway
) -> None:
    """The bridge outlives what it watches."""
    said, well = Heard(), gateway.answers["/health"]
    bridge = Bridge("prod", client, said.publish, lambda: 0, 15_000)
    for health in (well, httpx.ReadTimeout("slow"), well):
        gateway.answers["/health"] = health
        await bridge.once()
    frames = [read(body) for body in map(decode, said) if body["source"] == "bridge/health"]
    assert [dict(zip(one.series, one.values, strict=True))["gateway_up"] for one in frames] == [1.0, 0.0, 1.0]


async def test_the_log_has_one_line_for_each_end_of_a_trouble(
    client: Client, gateway: ScriptedGateway, clock: Clock
) -> None:
    """When it begins, with status and fix, and when it is over, with how long it was; none for each poll."""
    bridge, well = Bridge("prod", client, Heard().publish, clock.milliseconds, 15_000), dict(gateway.answers)
    with capture_logs() as lines:
        for status in (200, 401, 401, 403, 200, 200):
            gateway.says("/v1/gateways", status, {"detail": "no"})
            gateway.answers |= well if status == 200 else {}
            await bridge.once()
            clock.now += 15
    assert [line["event"] for line in lines] == [
        "gateway cannot be watched as it should be",
        "gateway is well again",
    ]
    assert "401 no: The token is wrong, expired or revoked" in lines[0]["why"][0]
    assert lines[1]["after"] == "45s"


async def test_the_bridge_polls_on_its_beat_until_it_is_ended(client: Client) -> None:
    """One poll follows another, each with a later instant, and cancellation ends it."""
    begun: list[int] = []
    enough = asyncio.Event()

    def publish(gateway: str, at: int, bodies: Sequence[bytes]) -> None:
        begun.append(at)
        if len(begun) == 4:
            enough.set()

    ticks = iter(range(0, 10_000, 5))  # each look at the clock is 5 ms later
    running = asyncio.create_task(Bridge("prod", client, publish, lambda: next(ticks), 20).run())
    await asyncio.wait_for(enough.wait(), PATIENCE)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert begun == sorted(set(begun))
    assert running.cancelled()


async def test_a_clock_that_is_set_back_stops_nothing(client: Client, gateway: ScriptedGateway) -> None:
    """Neither the beat, nor the list of upstreams and the teams, which are asked for by that clock."""
    wall, begun = [3_610_000], list[int]()
    enough = asyncio.Event()

    def publish(gateway: str, at: int, bodies: Sequence[bytes]) -> None:
        begun.append(at)
        wall[0] = 10_000  # an hour earlier, from the first poll on
        if len(begun) == 2:
            enough.set()

    running = asyncio.create_task(Bridge("prod", client, publish, lambda: wall[0], 20).run())
    await asyncio.wait_for(enough.wait(), PATIENCE)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert begun[:2] == [3_610_000, 10_000]
    assert (gateway.paths.count("/v1/gateways"), gateway.paths.count("/v1/teams/")) == (2, 2)


def test_a_large_scrape_travels_in_parts() -> None:
    """No message exceeds the bound, and the parts are one frame."""
    text = "".join(f'calls{{tool="{"x" * 100}-{k}"}} {k}\n' for k in range(PART + 1))
    messages = Frames("prod").scraped("bridge/metrics", 5, text)
    assert max(map(len, messages)) < LARGEST
    assert [
        (part.at, part.part, part.parts, len(part.series)) for part in map(read, map(decode, messages))
    ] == [
        (5, 0, 2, PART),
        (5, 1, 2, 1),
    ]
