"""The report of `tocsin connect`."""

from __future__ import annotations

import httpx

from sources.bridge.connect_report import ConnectReport, connect, survey
from sources.contextforge.client import Client
from tests.sources.conftest import EXPOSITION, ScriptedGateway, lifecycle, upstream


async def report(client: Client) -> str:
    """All sentences."""
    return "\n".join((await survey(client)).sentences())


async def test_it_says_what_is_seen_and_whose_token_it_is(client: Client) -> None:
    """The happy case, in sentences."""
    said = await report(client)
    assert "the token belongs to bridge@example.com" in said
    assert "1 series" in said
    assert "All 1 enabled upstreams can be reached: search (payments)." in said
    assert "Blind" not in said


async def test_what_is_broken_already_is_one_digest(client: Client, gateway: ScriptedGateway) -> None:
    """Twelve broken upstreams are one sentence, not twelve pages."""
    gateway.lists(*(upstream(f"u{k:02}", reachable=k > 13) for k in range(20)))
    digest = [line for line in (await report(client)).split("\n") if "cannot be reached" in line]
    assert len(digest) == 1
    assert digest[0].startswith("14 of 20 upstreams cannot be reached now: u00 (payments)")
    assert digest[0].endswith("and 2 more.")


async def test_disabled_upstreams_are_mentioned_as_not_watched(
    client: Client, gateway: ScriptedGateway
) -> None:
    """Nobody shall believe that they are."""
    gateway.lists(upstream("search", enabled=False, reachable=False))
    said = await report(client)
    assert "Not watched, since disabled or not yet registered: search (payments)." in said
    assert "cannot be reached" not in said


async def test_metrics_that_are_off_name_the_setting(client: Client, gateway: ScriptedGateway) -> None:
    """They are off by default in ContextForge."""
    gateway.says("/metrics/prometheus", 503, {"error": "metrics are disabled"})
    assert "Set ENABLE_METRICS=true on the gateway and restart it." in await report(client)


async def test_a_missing_permission_is_named(client: Client, gateway: ScriptedGateway) -> None:
    """403 means: ask for this permission."""
    gateway.says("/v1/gateways", 403, {"detail": "Access denied"})
    assert (
        "Blind to upstreams (403 Access denied). Give the token's user the permission gateways.read."
        in await report(client)
    )


async def test_one_fault_of_the_token_is_one_sentence(client: Client, gateway: ScriptedGateway) -> None:
    """A scrape token of the documentation's recipe is refused everywhere, for one reason."""
    for path in (
        "/metrics/prometheus",
        "/v1/gateways",
        "/v1/teams/",
        "/v1/rbac/my/permissions",
        "/v1/auth/email/me",
    ):
        gateway.says(path, 401, {"detail": "User not found in database"})
    blind = [line for line in (await report(client)).split("\n") if line.startswith("Blind")]
    assert len(blind) == 1
    assert "POST /v1/tokens" in blind[0]


async def test_an_unready_gateway_is_part_of_the_digest(client: Client, gateway: ScriptedGateway) -> None:
    """It answers, and something behind it does not."""
    items = [{"name": "Cache", "status_code": 503, "message": "Cannot connect to Cache"}]
    gateway.says("/ready", 503, {"status": "not ready", "status_items": items})
    assert "Not ready: Cache: Cannot connect to Cache." in await report(client)


async def test_several_workers_behind_one_address_are_noticed(
    client: Client, gateway: ScriptedGateway
) -> None:
    """Their counters jump between scrapes, and nobody would know why."""
    gateway.answers["/metrics/prometheus"] = [
        httpx.Response(200, text=f"process_start_time_seconds {1 + k % 2}\n") for k in range(4)
    ]
    assert "PROMETHEUS_MULTIPROC_DIR" in await report(client)


async def test_nothing_else_is_said_of_an_address_that_is_silent(
    client: Client, gateway: ScriptedGateway
) -> None:
    """The cause and what to check; the token is not even tried."""
    gateway.answers["/health"] = httpx.ConnectError("[Errno 111] Connection refused")
    found = await survey(client)
    assert not found.usable
    assert len(found.sentences()) == 1
    assert "nobody listens there" in found.sentences()[0]
    assert gateway.paths == ["/health"]


async def test_connect_asks_a_real_address() -> None:
    """What the command line calls: an address and a token in, a survey out, no exception."""
    found = await connect("http://127.0.0.1:9", lambda: "token")
    assert isinstance(found, ConnectReport)
    assert not found.usable


async def test_upstreams_that_the_token_does_not_show_are_counted(
    client: Client, gateway: ScriptedGateway
) -> None:
    """An ordinary user's token is blind to those of other teams, and nothing in the list says so."""
    gateway.says("/metrics/prometheus", 200, EXPOSITION + lifecycle(active=3, pending=1))
    blind = [line for line in (await report(client)).split("\n") if line.startswith("Blind")]
    assert len(blind) == 1
    assert blind[0].startswith("Blind to 3 of 4 upstreams (the gateway has them")
    assert "administrator" in blind[0]


async def test_a_token_that_sees_all_upstreams_is_not_warned_of(
    client: Client, gateway: ScriptedGateway
) -> None:
    """What is being deleted stands in no list, and is nobody's blindness."""
    gateway.says("/metrics/prometheus", 200, EXPOSITION + lifecycle(active=1, deleting=5))
    assert "Blind" not in await report(client)
