"""The file of watched gateways, and the bridges that follow it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from sources.bridge.bridges import Bridges
from sources.bridge.registry import FILE, Gateway, Registry
from sources.demonstration.fake_gateway import FakeGateway
from sources.demonstration.loopback import Loopback
from sources.prober.gateway_certificates import OWN, UPSTREAMS
from streams.errors import Misconfigured
from streams.messages.envelope import decode
from streams.messages.event import STOPPED, Event
from tests.patience import PATIENCE
from tests.sources.conftest import unread


def entry(name: str = "prod", **changes: object) -> Gateway:
    """A gateway that can be registered."""
    return Gateway.model_validate({"name": name, "url": "https://gateway.test", "token_file": "/t"} | changes)


def test_a_gateway_is_written_and_read_back(tmp_path: Path) -> None:
    """With where its token lies, and never the token."""
    registry = Registry(tmp_path)
    registry.put(entry(interval="30s", verify="false"))
    registry.put(entry("staging"))
    registry.put(entry("staging", interval="1m"))
    assert {one.name: (one.interval, one.verify) for one in registry.read().values()} == {
        "prod": (30_000, False),
        "staging": (60_000, True),
    }


def test_a_gateway_is_removed_once(tmp_path: Path) -> None:
    """The answer says whether there was one."""
    registry = Registry(tmp_path)
    registry.put(entry())
    assert (registry.remove("prod", 7), registry.remove("prod", 8), registry.read()) == (True, False, {})
    assert registry.left() == {"prod": 7}
    registry.put(entry())
    assert registry.left() == {}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("gateway.example", "write scheme and host"),
        ("ftp://gateway.example", "write scheme and host"),
        ("https://", "write scheme and host"),
        ("http://[::1", "write scheme and host"),
        ("https://gate way", "write scheme and host"),
        ("https://anna:geheim@gateway.example", "leave out user and password"),
        ("https://gateway.example?token=geheim", "leave out what follows"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(url: str, words: str) -> None:
    """With what to write, and without what is secret in it."""
    with pytest.raises(ValueError, match=words) as refused:
        entry(url=url)
    assert words in refused.value.errors()[0]["msg"]  # type: ignore[attr-defined]


def test_an_address_is_kept_without_its_last_stroke() -> None:
    """Whatever was copied from a browser's bar; a path stays, for gateways behind a proxy."""
    assert [entry(url=f" {url} ").url for url in ("http://g/", "https://g:8/gw/")] == [
        "http://g",
        "https://g:8/gw",
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", FILE),
        ("[]", FILE),
        ('{"gateways": [{"name": "x"}]}', "url"),
        ('{"gateways": [{"name": "x", "url": "ftp://x", "token_file": "t"}]}', "url"),
        ('{"gateways": [{"name": "x", "url": "http://x", "token_file": "t", "tokn": 1}]}', "tokn"),
        (
            '{"gateways": [{"name": "x", "url": "http://x", "token_file": "t", "interval": "1s"}]}',
            "between 2s and 10m",
        ),
        ('{"gateways": [{"name": "demonstration", "url": "http://x", "token_file": "t"}]}', "choose another"),
        (
            '{"gateways": [{"name": "a", "url": "http://x", "token_file": "t"}, {"name": "b", "url": "x"}]}',
            "gateway b: `url`",
        ),
        ('{"gateways": [{"url": "http://x", "token_file": "t"}, 7]}', "gateway 0: `name`"),
    ],
)
def test_a_wrong_file_names_what_is_wrong(tmp_path: Path, text: str, named: str) -> None:
    """The operator learns the file, the gateway and the field."""
    (tmp_path / FILE).write_text(text)
    with pytest.raises(Misconfigured, match=named):
        Registry(tmp_path).read()


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """Not at the first poll, but before it."""
    with pytest.raises(Misconfigured, match=r"prod.*ca.*nowhere"):
        entry(ca=str(tmp_path / "nowhere.pem")).encryption()


def running_tasks() -> set[str]:
    """The names of what runs in the loop."""
    return {task.get_name() for task in asyncio.all_tasks()}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A gateway that only pretends, on loopback."""
    server = Loopback(lambda path: FakeGateway(0).answer(path, 1000))
    yield await server.start()
    await server.stop()


async def test_the_fleet_follows_the_file(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Added, a gateway is watched soon; a broken file changes nothing; removed, each of its sources says goodbye."""
    monkeypatch.setattr("sources.bridge.bridges.LOOK", 0.02)
    heard, said = asyncio.Event(), list[bytes]()

    def publish(_: str, __: int, bodies: Sequence[bytes]) -> None:
        said.extend(bodies)
        heard.set()

    (tmp_path / "token").write_text("t")
    registry = Registry(tmp_path)
    running = asyncio.create_task(Bridges(registry, publish, lambda: 0, lambda _: True, unread).run())
    registry.put(entry("prod", url=url, token_file=str(tmp_path / "token"), interval="2s"))
    await asyncio.wait_for(heard.wait(), PATIENCE)
    (tmp_path / FILE).write_text("{")
    await asyncio.sleep(0.1)
    assert "bridge prod" in running_tasks()
    (tmp_path / FILE).write_text('{"gateways": []}')
    await asyncio.sleep(0.1)
    assert "bridge prod" not in running_tasks()
    sources = {body["source"] for body in map(decode, said) if body["kind"] == "samples"}
    last = [Event.read(decode(raw)) for raw in said[-5:]]
    assert ({one.source for one in last}, {one.type for one in last}) == (
        sources | {OWN, UPSTREAMS},  # http has no certificate, and the bridge may have had one before
        {STOPPED},
    )
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_gateway_that_was_left_while_no_bridge_ran_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or its alerts would wait for it for ever; with the time at which it was left."""
    monkeypatch.setattr("sources.bridge.bridges.LOOK", 0.02)
    said, another = list[tuple[str, int]](), asyncio.Event()

    def publish(name: str, at: int, _: Sequence[bytes]) -> None:
        said.append((name, at))
        if name == "other":
            another.set()

    registry = Registry(tmp_path)
    registry.put(entry())
    registry.remove("prod", 7)
    running = asyncio.create_task(Bridges(registry, publish, lambda: 0, lambda _: True, unread).run())
    registry.put(entry("other", url="http://127.0.0.1:9"))
    await asyncio.wait_for(another.wait(), PATIENCE)
    assert said.count(("prod", 7)) == 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
