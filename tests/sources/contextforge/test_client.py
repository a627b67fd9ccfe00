"""Every way in which a gateway can answer, or not, becomes a value."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sources.bridge.remedy import fix
from sources.contextforge.answer import (
    Answer,
    Garbage,
    Limited,
    Trouble,
    Unauthorised,
    Unavailable,
    Unreachable,
)
from sources.contextforge.budget import A_MINUTE, LIMITS, LONGEST, Budget, tier
from sources.contextforge.cause import unreachable
from sources.contextforge.client import Client
from sources.contextforge.token_file import TokenFile
from sources.contextforge.upstream import ERROR
from tests.patience import PATIENCE
from tests.sources.conftest import Clock, ScriptedGateway, upstream

METRICS = "/metrics/prometheus"


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, {"detail": "User not found in database"}, Unauthorised(401, "User not found in database")),
        (403, {"detail": "Access denied"}, Unauthorised(403, "Access denied")),
        (503, {"error": "metrics are disabled"}, Unavailable(503, "metrics are disabled")),
        (502, "bad gateway", Unavailable(502, "")),
        (404, {"detail": "Not Found"}, Garbage("/metrics/prometheus answers 404 Not Found")),
    ],
)
async def test_refusals_are_told_apart(
    client: Client, gateway: ScriptedGateway, status: int, body: object, expected: Trouble
) -> None:
    """The status says whose move it is, and the gateway's own words are kept."""
    gateway.says(METRICS, status, body)
    assert await client.metrics() == expected


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (httpx.ConnectTimeout("slow"), "timeout"),
        (httpx.ReadError("gone"), "network"),
        (httpx.RemoteProtocolError("server disconnected"), "reset"),
        (httpx.ConnectError("[Errno 111] Connection refused"), "refused"),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] expired"), "tls"),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "dns"),
    ],
)
async def test_silence_has_a_cause(
    client: Client, gateway: ScriptedGateway, error: Exception, cause: str
) -> None:
    """Nobody has to read a stack trace to learn whether it was TLS or DNS."""
    gateway.answers["/health"] = error
    outcome = await client.health()
    assert isinstance(outcome, Unreachable)
    assert outcome.cause == cause


async def test_the_cause_that_lies_deepest_counts(client: Client, gateway: ScriptedGateway) -> None:
    """The HTTP library wraps what the operating system said."""
    error = httpx.ConnectError("failed")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
    gateway.answers["/health"] = error
    assert await client.health() == Unreachable("tls", "('self-signed certificate',)")


@pytest.mark.parametrize("body", [{"status": "ready", "status_items": ["a"]}, {"status_items": {"a": 1}}])
async def test_an_answer_of_another_shape_is_garbage(
    client: Client, gateway: ScriptedGateway, body: object
) -> None:
    """Whatever stands where something else was meant: nothing that a gateway says ends its bridge."""
    gateway.says("/ready", 200, body)
    assert isinstance(await client.ready(), Garbage)
    gateway.says("/v1/teams/t1/members", 200, {"members": ["anna"]})
    assert isinstance(await client.members("t1"), Garbage)


class Drip(httpx.AsyncByteStream):
    """A body of which a byte comes now and then, for ever."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)


async def test_an_answer_that_never_ends_is_given_up(clock: Clock) -> None:
    """Each read comes in its time, so that no time-out of a read would ever end it."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Drip()))
    client = Client("https://gateway.test", lambda: "t", clock, timeout=0.1, transport=transport)
    async with asyncio.timeout(PATIENCE):
        outcome = await client.metrics()
    assert outcome == Unreachable("timeout", "no whole answer within 0.6 s")
    await client.close()


async def test_all_pages_of_upstreams_are_read(client: Client, gateway: ScriptedGateway) -> None:
    """A naive question is cut at 50 entries."""
    pages = [
        {"gateways": [upstream(name)], "nextCursor": after} for name, after in (("a", "c1"), ("b", None))
    ]
    gateway.answers["/v1/gateways"] = [httpx.Response(200, json=page) for page in pages]
    outcome = await client.upstreams()
    assert isinstance(outcome, Answer)
    assert [one.name for one in outcome.value] == ["a", "b"]
    assert dict(gateway.asked[0].url.params) == {
        "include_inactive": "true",
        "include_pagination": "true",
        "limit": "500",
    }
    assert gateway.asked[1].url.params["cursor"] == "c1"


async def test_all_pages_of_teams_are_read(client: Client, gateway: ScriptedGateway) -> None:
    """A naive question is cut at 50 teams, and the alerts of the others would name them by id."""
    pages = [
        {"teams": [{"id": f"t{k}", "slug": f"team-{k}"} for k in ids], "nextCursor": after}
        for ids, after in ((range(500), "c1"), (range(500, 503), None))
    ]
    gateway.answers["/v1/teams/"] = [httpx.Response(200, json=page) for page in pages]
    outcome = await client.teams()
    assert isinstance(outcome, Answer)
    assert len(outcome.value) == 503
    assert outcome.value["t502"] == "team-502"
    assert [request.url.params["limit"] for request in gateway.asked] == ["500", "500"]


async def test_why_an_upstream_is_down_is_one_short_line_without_secrets(
    client: Client, gateway: ScriptedGateway
) -> None:
    """From 1.1.0 on the gateway says it; the text ends in an alert that many people read."""
    gateway.lists(upstream("a", lastError="TLS failed\x1b\n at https://me:SECRET@a.test/mcp " + "x" * 500))
    outcome = await client.upstreams()
    assert isinstance(outcome, Answer)
    error = outcome.value[0].error
    assert error.startswith("TLS failed at https://a.test/mcp x")
    assert len(error) == ERROR
    assert error.isprintable()


async def test_pages_that_never_end_are_garbage(
    client: Client, gateway: ScriptedGateway, clock: Clock
) -> None:
    """A cursor that leads in a circle must not keep us asking for ever."""
    gateway.says("/v1/gateways", 200, {"gateways": [], "nextCursor": "again"})
    assert isinstance(await client.upstreams(), Limited | Garbage)
    assert len(gateway.asked) <= A_MINUTE


async def test_a_limited_client_is_silent_until_its_time_is_over(
    client: Client, gateway: ScriptedGateway, clock: Clock
) -> None:
    """Questions during a lock-out are security events of the gateway, and bring nothing."""
    gateway.says(
        METRICS, 429, {"error": "Rate limit exceeded"}, **{"Retry-After": "30", "X-Lockout-Remaining": "900"}
    )
    assert await client.metrics() == Limited(900.0, asked=True)
    clock.now += 10
    assert await client.upstreams() == Limited(890.0, asked=False)
    clock.now += 890
    assert isinstance(await client.upstreams(), Answer)
    assert gateway.paths == [METRICS, "/v1/gateways"]


async def test_a_limited_client_still_looks_at_health_once_a_minute(
    client: Client, gateway: ScriptedGateway, clock: Clock
) -> None:
    """A gateway that dies during a lock-out must not go unnoticed for 15 minutes."""
    gateway.says(METRICS, 429, None, **{"Retry-After": "900"})
    await client.metrics()
    assert isinstance(await client.health(), Answer)
    clock.now += 59
    assert isinstance(await client.health(), Limited)
    clock.now += 1
    assert isinstance(await client.health(), Answer)


async def test_a_wish_that_is_no_number(client: Client, gateway: ScriptedGateway) -> None:
    """What only looks like a figure is passed over, and ends nothing."""
    gateway.answers[METRICS] = httpx.Response(429, headers=[(b"Retry-After", "²".encode("latin-1"))])
    assert await client.metrics() == Limited(60.0, asked=True)


async def test_an_absurd_wish_for_silence_is_cut(
    client: Client, gateway: ScriptedGateway, clock: Clock
) -> None:
    """A proxy that says "retry in a year" does not end the watch."""
    gateway.says(METRICS, 429, None, **{"Retry-After": "31536000"})
    await client.metrics()
    clock.now += LONGEST
    assert isinstance(await client.upstreams(), Answer)


async def test_we_stay_far_below_the_gateways_own_limit(
    client: Client, gateway: ScriptedGateway, clock: Clock
) -> None:
    """Whatever asks through this client, a minute never holds more than 250 questions beyond the first burst."""
    for _ in range(1000):
        await client.health()
    assert len(gateway.asked) == A_MINUTE
    clock.now += 60
    for _ in range(1000):
        await client.health()
    assert len(gateway.asked) == 2 * A_MINUTE


def most_in_a_minute(budget: Budget, clock: Clock) -> int:
    """How many questions pass in the sixty seconds after a rest, where somebody asks all the time."""
    clock.now += 3_600
    allowed = 0
    for _ in range(6_000):
        allowed += budget.wait() == 0
        clock.now += 0.01
    return allowed


@pytest.mark.parametrize("limit", [1_000, *LIMITS.values(), 2])
def test_no_minute_holds_more_than_the_gateway_allows(clock: Clock, limit: int) -> None:
    """A full bucket and its refill together stay within the limit, in every tier."""
    assert most_in_a_minute(Budget(clock, limit), clock) <= limit


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/gateways", "MEDIUM"),
        ("/v1/rbac/my/permissions", "HIGH"),
        ("/v1/teams/", "LOW"),
        (METRICS, "LOW"),
    ],
)
def test_each_path_has_the_tier_that_the_newest_gateway_counts_it_in(path: str, expected: str) -> None:
    """1.1.0 allows 100 lists of upstreams a minute, where 1.0.7 allowed 500."""
    assert tier(path) == expected


async def test_the_gateways_own_limit_is_believed(
    client: Client, gateway: ScriptedGateway, clock: Clock
) -> None:
    """An operator may have set another; each answer names it, and one that is no number is passed over."""
    for header, most in (("500", 250), ("x", 250), ("20", 10)):
        gateway.says("/v1/gateways", 200, {"gateways": []}, **{"X-RateLimit-Limit": header})
        await client.upstreams()
        assert client.upstreams_every == 60_000 // most


async def test_how_near_a_limit_is_is_the_worst_of_all_answers(
    client: Client, gateway: ScriptedGateway
) -> None:
    """The gateway says with each answer what is left; what it does not say is left out."""
    for path, limit, left in (
        ("/health", "500", "400"),
        (METRICS, "500", "100"),
        ("/v1/gateways", "100", "0"),
    ):
        headers = {"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": left}
        gateway.answers[path] = httpx.Response(200, headers=headers, content=gateway.answers[path].content)
    for ask in (client.health, client.metrics, client.upstreams, client.ready):
        await ask()
    assert client.limits_used() == {500: 0.8, 100: 1.0}
    assert client.limits_used() == {}


async def test_a_list_of_many_pages_is_asked_for_less_often(client: Client, gateway: ScriptedGateway) -> None:
    """Each page is a question, and a list that is cut in the middle is worth nothing."""
    pages: list[dict[str, Any]] = [{"gateways": [], "nextCursor": after} for after in ("b", "c", "d", None)]
    gateway.answers["/v1/gateways"] = [httpx.Response(200, json=page) for page in pages]
    await client.upstreams()
    assert client.upstreams_every == 4 * 60_000 // 50


@pytest.mark.parametrize(
    ("word", "lockout", "others"),
    [
        ("Rate limit lockout", "900", True),
        ("Rate limit exceeded", "", True),
        ("Account locked", "900", False),
        ("who knows", "", False),
    ],
)
async def test_a_refusal_silences_the_tier_that_it_means(
    client: Client, gateway: ScriptedGateway, word: str, lockout: str, others: bool
) -> None:
    """1.1.0 locks an address out of one tier, 1.0.7 out of everything; whoever says neither is left alone."""
    headers = {"Retry-After": "60"} | ({"X-Lockout-Remaining": lockout} if lockout else {})
    gateway.says("/v1/gateways", 429, {"error": word, "message": "Maximum 100 requests"}, **headers)
    await client.upstreams()
    assert isinstance(await client.metrics(), Answer) is others
    assert isinstance(await client.upstreams(), Limited)
    assert gateway.paths.count("/v1/gateways") == 1


async def test_a_redirect_is_not_followed(client: Client, gateway: ScriptedGateway) -> None:
    """The token goes to the address that the operator gave, and nowhere else."""
    gateway.says(METRICS, 302, None, Location="https://elsewhere.test/")
    outcome = await client.metrics()
    assert isinstance(outcome, Garbage)
    assert "https://elsewhere.test/" in outcome.what
    assert gateway.paths == [METRICS]


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("/login?next=/health", "/health redirects to http://gateway.test/login, which is no"),
        ("//a:SECRET@sso.test/login?state=1#token", "redirects to http://sso.test/login, which is no"),
        ("https://gateway.test/health", "give https://gateway.test instead"),
        ("//other.test/gw/health", "give http://other.test/gw instead"),
    ],
)
async def test_where_a_redirect_leads(
    client: Client, gateway: ScriptedGateway, location: str, words: str
) -> None:
    """A whole address, and the one to give only where it can be a gateway's."""
    gateway.says("/health", 302, None, Location=location)
    outcome = await client.health()
    assert isinstance(outcome, Garbage)
    assert words in outcome.what


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "it is empty"),
        (b"<html>\n<b>Sign in", "`<html> <b>Sign in`"),
        (b"\x00\xff\x1b[31m", "`\ufffd\ufffd\ufffd[31m`"),
    ],
)
async def test_a_stranger_is_quoted_readably(
    client: Client, gateway: ScriptedGateway, body: bytes, words: str
) -> None:
    """As text, without what a terminal would obey."""
    gateway.answers["/health"] = httpx.Response(200, content=body)
    outcome = await client.health()
    assert isinstance(outcome, Garbage)
    assert outcome.what.endswith(f"gateway's: {words}" if "empty" in words else f"it begins with {words}")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("certificate verify failed: certificate has expired (_ssl.c:1006)", "has expired: renew it"),
        ("certificate verify failed: self-signed certificate", "--ca of `tocsin connect`"),
        ("certificate verify failed: Hostname mismatch, certificate is not valid", "names another host"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "say http://"),
        ("EOF occurred in violation of protocol", "or say http:// if it speaks no TLS"),
    ],
)
def test_what_ends_a_failure_of_tls(said: str, words: str) -> None:
    """By what OpenSSL says, one fix, and not all there are."""
    trouble = unreachable(ssl.SSLError(1, said))
    assert words in fix(trouble, "/health")
    assert "_ssl.c" not in trouble.detail


async def test_health_needs_no_token(client: Client, gateway: ScriptedGateway) -> None:
    """What needs no secret gets none."""
    await client.health()
    await client.metrics()
    assert ["authorization" in request.headers for request in gateway.asked] == [False, True]


@pytest.mark.parametrize("body", ["<html>", "[]", '{"status": 1', "null"])
async def test_a_stranger_at_the_address_is_garbage(
    client: Client, gateway: ScriptedGateway, body: str
) -> None:
    """A web server of another kind is not a healthy gateway."""
    gateway.says("/health", 200, body)
    assert isinstance(await client.health(), Garbage)


async def test_readiness_names_what_is_not_ready(client: Client, gateway: ScriptedGateway) -> None:
    """Its 503 is an answer, and says more than a status."""
    items = [{"name": "Database", "status_code": 503, "message": "Cannot connect"}]
    gateway.says("/ready", 503, {"status": "not ready", "status_items": items})
    assert await client.ready() == Answer(["Database: Cannot connect"])


async def test_a_token_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    """A token is replaced without a restart."""
    file = tmp_path / "token"
    file.write_text("old\n")
    token = TokenFile(str(file))
    assert token() == "old"
    file.write_text("newer\n")
    assert token() == "newer"


@pytest.mark.parametrize("content", [None, "", "two words", "ü"])
async def test_a_token_that_cannot_be_had_is_a_refusal(
    gateway: ScriptedGateway, clock: Clock, tmp_path: Path, content: str | None
) -> None:
    """The file is named, nothing is asked, and no secret is shown."""
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    client = Client(
        "http://gateway.test", TokenFile(str(file)), clock, transport=httpx.MockTransport(gateway)
    )
    outcome = await client.metrics()
    await client.close()
    assert isinstance(outcome, Unauthorised)
    assert outcome.status == 0
    assert str(file) in outcome.detail
    assert gateway.asked == []
