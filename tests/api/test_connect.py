"""`tocsin connect`, `gateways list` and `disconnect`, against a gateway on loopback that only pretends."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.coverage.coverage import Origin
from deploy.keys import write_private
from sources.bridge.gateway_health import TroubleMemory
from sources.bridge.registry import Registry
from sources.bridge.remedy import METRICS
from sources.contextforge.address import exposed
from sources.contextforge.answer import Unauthorised
from sources.contextforge.client import AUTH_EVENTS, TEAMS, UPSTREAMS
from sources.demonstration.fake_gateway import FakeGateway
from sources.demonstration.loopback import Loopback

OPEN, REFUSED = ("/health", "/ready"), (401, "application/json", b'{"detail": "Token has been revoked"}')


@pytest.fixture
def revoked() -> list[str]:
    """Empty, until a test says that the gateway refuses all tokens."""
    return []


@pytest.fixture
def gateway(revoked: list[str]) -> Iterator[str]:
    """The address of one that answers."""

    def answer(path: str) -> tuple[int, str, bytes]:
        return REFUSED if revoked and path not in OPEN else FakeGateway(0).answer(path, 1_000)

    loop, server = asyncio.new_event_loop(), Loopback(answer)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield asyncio.run_coroutine_threadsafe(server.start(), loop).result()
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def token(tmp_path: Path) -> str:
    """A file with a token."""
    file = tmp_path / "gateway.token"
    file.write_text("t0ken\n")
    file.chmod(0o600)
    return str(file)


def test_connect(tocsin: Any, gateway: str, token: str, tmp_path: Path) -> None:
    """The report, the name, and what comes next; a dry run changes nothing."""
    words = ("connect", gateway, "--token-file", token, "--name", "prod")
    assert "Nothing was changed" in tocsin(*words, "--dry-run")[1]
    assert Registry(tmp_path).read() == {}
    code, said = tocsin(*words)
    assert (code, "Watched from now on as prod" in said, "warning" in said) == (0, True, False), said
    assert Registry(tmp_path).read()["prod"].url == gateway


def test_again(tocsin: Any, gateway: str, token: str, tmp_path: Path) -> None:
    """The same gateway again is a change of its entry, under the name that it has, and says what changed."""
    tocsin("connect", gateway, "--token-file", token, "--name", "prod")
    assert (
        "watched already, and still is: nothing changed"
        in tocsin("connect", gateway, "--token-file", token)[1]
    )
    said = tocsin("connect", f"{gateway}/", "--token-file", token, "--interval", "30s")[1]
    assert "prod was watched already, and still is: interval 15s → 30s." in said
    assert "still is: nothing changed" in tocsin("connect", gateway, "--token-file", token)[1]
    assert list(Registry(tmp_path).read()) == ["prod"]


def test_a_token_that_nobody_knows(
    tocsin: Any, gateway: str, revoked: list[str], token: str, tmp_path: Path
) -> None:
    """Where it is refused everywhere nothing is written, a dry run ends with 1, too, and what worked goes on."""
    words, other = ("connect", gateway, "--name", "prod", "--token-file"), tmp_path / "other.token"
    other.write_text("wr0ng")
    revoked.append("all")
    for more in ((), ("--dry-run",)):
        code, said = tocsin(*words, str(other), *more)
        assert (
            code,
            f"is not watched: the gateway refuses the token; put a good one into {other}" in said,
        ) == (
            1,
            True,
        )
    assert Registry(tmp_path).read() == {}
    revoked.clear()
    assert tocsin(*words, token)[0] == 0
    revoked.append("all")
    code, said = tocsin(*words, str(other))
    assert (code, "prod is still watched as it was" in said) == (1, True), said
    assert Registry(tmp_path).read()["prod"].token_file == token


def test_taken(tocsin: Any, gateway: str, token: str) -> None:
    """Neither is a name given to another gateway, nor a gateway watched twice."""
    tocsin("connect", gateway, "--token-file", token, "--name", "prod")
    code, said = tocsin("connect", "http://127.0.0.1:9", "--token-file", token, "--name", "prod")
    assert (code, f"prod is the name of {gateway} already" in said, "--name" in said) == (1, True, True)
    code, said = tocsin("connect", gateway, "--token-file", token, "--name", "other")
    assert (code, "watched already, as prod: say --name prod" in said) == (1, True)


@pytest.mark.parametrize(
    ("text", "words"), [(None, "No such file"), (" \n", "one token"), ("a b", "one token")]
)
def test_no_token(tocsin: Any, gateway: str, tmp_path: Path, text: str | None, words: str) -> None:
    """Without a token nothing is watched, and the line says how one is made."""
    if text is not None:
        (tmp_path / "t").write_text(text)
    code, said = tocsin("connect", gateway, "--token-file", str(tmp_path / "t"))
    assert (code, words in said, "POST /v1/tokens" in said, "Watched" in said) == (1, True, True, False), said
    assert Registry(tmp_path).read() == {}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("gateway.example", "`url`: write scheme and host"),
        ("http://anna:geheim@gateway.example", "`url`: leave out user and password"),
        ("http://127.0.0.1:9/?token=geheim", "`url`: leave out what follows"),
        ("http://127.0.0.1:9", "not watched: mend what is said above"),
    ],
)
def test_addresses(tocsin: Any, token: str, url: str, words: str) -> None:
    """An address that cannot be one, or where nothing answers, is refused; no secret in it is repeated."""
    code, said = tocsin("connect", url, "--token-file", token)
    assert (code, words in said, "geheim" in said) == (1, True, False), said


def test_path(tocsin: Any, gateway: str, token: str) -> None:
    """An address that was copied with a path names the one that answers."""
    code, said = tocsin("connect", f"{gateway}/admin/", "--token-file", token)
    assert (code, f"connect {gateway}\n" in said) == (1, True), said


def test_warnings(tocsin: Any, gateway: str, token: str) -> None:
    """A token that others can read is said."""
    Path(token).chmod(0o644)
    assert (
        f"warning: {token} can be read by others: chmod 600"
        in tocsin("connect", gateway, "--token-file", token)[1]
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://gateway.example", True),
        ("http://8.8.8.8:4444", True),
        ("http://[2606:4700::1111]", True),
        ("https://gateway.example", False),
        ("http://gateway", False),
        ("http://10.1.2.3", False),
        ("http://localhost:4444", False),
        ("http://gw.prod.svc", False),
    ],
)
def test_exposed(url: str, expected: bool) -> None:
    """Plain http is a danger to the token where the host is not evidently inside."""
    assert exposed(url) is expected


def test_whose_a_gateway_is(tocsin: Any, gateway: str, token: str, tmp_path: Path) -> None:
    """A team is named once, stays where none is named, and goes with an empty one; what is no team is refused."""
    often = ("connect", gateway, "--token-file", token, "--name", "prod")
    for more, team in (
        ((), ""),
        (("--team", "payments"), "payments"),
        ((), "payments"),
        (("--team", ""), ""),
    ):
        assert tocsin(*often, *more)[0] == 0
        assert Registry(tmp_path).read()["prod"].team == team
    code, said = tocsin(*often, "--team", "Not A Team")
    assert (code, "`team`" in said) == (1, True), said


def test_list(tocsin: Any, gateway: str, token: str, broker: Any) -> None:
    """Each gateway is listed with what was heard of it, and with what is wrong with its token's file."""
    tocsin("connect", gateway, "--token-file", token, "--name", "prod")
    broker.metrics = {"gateway_up": {Origin("prod", "bridge/health"): 1_000}}
    code, said = tocsin("gateways", "list")
    assert (code, said.startswith(f"prod  {gateway}  every 15s\n")) == (0, True)
    assert "last heard (UTC): bridge/health 00:00:01" in said
    Path(token).unlink()
    assert "✘ token file" in tocsin("gateways", "list")[1]


def test_list_says_what_is_wrong(tocsin: Any, gateway: str, token: str, broker: Any) -> None:
    """Since when, where, the status and the fix, in the doctor's words; what is over is not said any more."""
    tocsin("connect", gateway, "--token-file", token, "--name", "prod")
    (standing,) = TroubleMemory().now(0, {METRICS: Unauthorised(401, "revoked")})
    now = time.time_ns() // 1_000_000
    health, (text,) = Origin("prod", "bridge/health"), standing.series()
    broker.metrics = {"gateway_up": {health: now}, text: {health: now}}
    assert f"    ✘ {standing}\n" in tocsin("gateways", "list")[1]
    code, said = tocsin("doctor")
    assert (code, f"✘ gateway prod: {standing}\n" in said) == (1, True), said
    broker.metrics[text][health] -= 15_000
    assert "✘" not in tocsin("gateways", "list")[1]
    broker.metrics = {"gateway_up": {health: now - 600_000}}
    assert "✘ nothing was heard of it since" in tocsin("gateways", "list")[1]


@pytest.mark.parametrize(
    ("path", "status", "sign", "code"),
    [(AUTH_EVENTS, 403, "·", 0), (TEAMS, 403, "·", 0), (UPSTREAMS, 403, "✘", 1), (AUTH_EVENTS, 401, "✘", 1)],
)
def test_a_permission_that_a_token_may_lack(
    tocsin: Any,
    gateway: str,
    token: str,
    broker: Any,
    tmp_path: Path,
    path: str,
    status: int,
    sign: str,
    code: int,
) -> None:
    """It is noted with what it would bring, and is no failure: a token of few permissions may be what is wanted."""
    tocsin("connect", gateway, "--token-file", token, "--name", "prod")
    for name in ("token", "system", "seal"):
        write_private(tmp_path / "keys" / f"{name}.key", "k")
    (standing,) = TroubleMemory().now(0, {path: Unauthorised(status, "Access denied")})
    now, (text,) = time.time_ns() // 1_000_000, standing.series()
    health = Origin("prod", "bridge/health")
    broker.metrics = {"gateway_up": {health: now}, text: {health: now}}
    assert f"    {sign} {standing}\n" in tocsin("gateways", "list")[1]
    ended, words = tocsin("doctor")
    assert (ended, f"{sign} gateway prod: {standing}\n" in words) == (code, True), words
    assert ("✔ gateway prod was last heard" in words) is (code == 0)


def test_list_shows_the_demonstration(tocsin: Any, broker: Any) -> None:
    """Marked as one, with how it is switched off, and not counted as watched."""
    broker.metrics = {"gateway_up": {Origin("demonstration", "bridge/health"): 1_000}}
    said = tocsin("gateways", "list")[1]
    assert "only pretends; TOCSIN_DEMONSTRATION=false switches it off\n    last heard" in said
    assert "0 watched, and the demonstration: `tocsin connect" in said


def test_disconnect(tocsin: Any, gateway: str, token: str, tmp_path: Path) -> None:
    """What is watched no longer is off the list, and noted for the bridge to say; another name gets the nearest."""
    tocsin("connect", gateway, "--token-file", token, "--name", "prod")
    assert "did you mean prod?" in tocsin("disconnect", "prd")[1]
    code, said = tocsin("disconnect", "prod")
    assert (code, token in said, list(Registry(tmp_path).left())) == (0, True, ["prod"])
    assert tocsin("gateways", "list")[1].startswith("0 watched: `tocsin connect")
    assert tocsin("disconnect", "prod")[0] == 1
