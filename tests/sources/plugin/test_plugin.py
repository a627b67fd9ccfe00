"""The gateway's plugin: what it tells, what it never tells, and that it neither waits nor grows while Kafka is away."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sources.plugin import process, sender
from sources.plugin.observed import LONGEST, Incident, ToolCall, area, upstream_event
from sources.plugin.open_calls import OpenEntries
from sources.plugin.process import GatewayProcess, ViolationHandler
from sources.plugin.sender import EVENTS, OBSERVED, OLDEST, WAITING, Sender
from sources.plugin.settings import read_settings
from sources.plugin.spelled import frame_bodies, signed
from sources.plugin.tally import SERIES, Tally
from streams.messages.envelope import LARGEST, decode
from streams.messages.event import STOPPED, Event
from streams.signature import Signer, gateway_key
from streams.telemetry import samples
from tests.sources.plugin.harness import SECRET, SETTINGS, Kafka, answered, called, context, framework

KEY = b"k" * 32
NOW = 1_764_000_000_000


@pytest.fixture
def kafka() -> Kafka:
    """A Kafka that is there."""
    return Kafka()


@pytest.fixture
def plugin(kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A plugin of a process whose sender has not been started."""
    with framework() as module:
        module.PROCESS = GatewayProcess()
        module.PROCESS.sender = signing("0", kafka)
        yield module.TocsinPlugin(SimpleNamespace(config={}))


def signing(worker: str, kafka: Kafka | None = None) -> Sender:
    """A sender that signs, and has not been started."""
    return Sender(
        SETTINGS._replace(key=gateway_key(KEY, "prod")), worker, (kafka or Kafka()).make, lambda: NOW
    )


def waiting(of: Sender | None) -> list[dict[str, Any]]:
    """What is to be sent, as its readers have it: signed, and with nothing that is secret."""
    assert of is not None
    of.gather()
    of.spell_frame()
    signer = Signer([KEY], strict=True)
    for message in of._waiting:
        signer.admit(message.raw, "prod")
        assert SECRET not in message.raw.decode()
    return [decode(message.raw) for message in of._waiting]


async def test_calls_are_counted(plugin: Any) -> None:
    """By upstream, tool and result, with how long they took; nothing else of a call leaves the gateway."""
    module_process = process_of(plugin)
    for number, failed in enumerate((False, False, True)):
        of = context(f"r{number}")
        await plugin.tool_pre_invoke(called(), of)
        await plugin.tool_post_invoke(called(failed=failed), of)
    await plugin.tool_post_invoke(called("never-begun"), context("r9", ""))
    (frame,) = waiting(module_process.sender)
    batch = samples.read(frame)
    values = dict(zip(batch.series, batch.values, strict=True))
    assert (batch.gateway, batch.source, batch.part, batch.parts) == ("prod", "plugin/0", 0, 1)
    assert values['tool_calls_total{result="ok",tool="find",upstream="search",worker="0"}'] == 2
    assert values['tool_calls_total{result="error",tool="find",upstream="search",worker="0"}'] == 1
    assert values['tool_calls_total{result="ok",tool="never-begun",worker="0"}'] == 1
    assert values['tool_call_duration_seconds_count{upstream="search",worker="0"}'] == 3
    assert values['tool_call_duration_seconds_bucket{le="60.0",upstream="search",worker="0"}'] == 3
    assert values['tool_calls_slow_total{upstream="search",worker="0"}'] == 0
    assert not len(module_process.calls)


def process_of(plugin: Any) -> GatewayProcess:
    """The process that a plugin's module knows."""
    known: GatewayProcess = type(plugin).tool_pre_invoke.__globals__["PROCESS"]
    return known


async def test_refusals_are_events(plugin: Any) -> None:
    """401, 403 with its permission, and 429; what was answered otherwise is none."""
    asked = SimpleNamespace(permission="tools.execute", user_email="a", resource_type="tool")
    await plugin.http_auth_check_permission(asked, context("r1"))
    await plugin.http_post_request(answered(403), context("r1", user={"email": "anna@example.com"}))
    await plugin.http_auth_check_permission(asked, context("r2"))
    await plugin.http_post_request(answered(401, f"/reset/{SECRET}"), context("r2"))
    await plugin.http_post_request(answered(200), context("r3"))
    *events, _ = waiting(process_of(plugin).sender)
    first, second = [Event.read(event) for event in events]
    assert (first.type, first.at, first.source) == ("request_refused", first.at, "plugin/0")
    assert first.labels == {
        "status": "403", "ip": "192.0.2.7", "area": "/v1/tools", "user": "anna@example.com",
        "permission": "tools.execute",
    }  # fmt: skip
    assert second.labels == {"status": "401", "ip": "192.0.2.7", "area": "/reset"}
    assert first.id != second.id


def test_events_of_upstreams() -> None:
    """The gateway's own, by name; every process of the gateway gives the same one the same id."""
    data = {"id": "7", "name": "search", "url": f"https://u:{SECRET}@x", "reachable": False}
    told = {"type": "gateway_offline", "data": data, "timestamp": "2026-11-23T08:30:16+00:00"}
    ids = set()
    for worker in "01":
        of, happening = signing(worker), upstream_event(told)
        assert happening is not None
        of.note(happening)
        event = Event.read(waiting(of)[0])
        assert (event.type, event.labels, event.at) == ("gateway_offline", {"upstream": "search"}, NOW)
        ids.add(event.id)
    assert len(ids) == 1
    assert upstream_event({"type": "gateway_updated", "data": data}) is None
    assert upstream_event({"type": "gateway_offline", "data": None}) is None


def test_violations_come_from_the_log() -> None:
    """The plugin that blocked and its code, never the words of the reason; other lines are nothing to us."""
    known = GatewayProcess()
    known.sender = signing("0")
    handler = ViolationHandler(known)
    line = f"Plugin Pii Guard blocked request in sequential mode — violation [PII_DETECTED] found: {SECRET}"
    for text in (line, "Plugin x failed", "Gateway is up"):
        handler.emit(logging.LogRecord("cpex", logging.WARNING, "", 1, "%s", (text,), None))
    *events, _ = waiting(known.sender)
    assert [(event["type"], event["labels"]) for event in events] == [
        ("plugin_violation", {"plugin": "Pii Guard", "code": "PII_DETECTED"})
    ]


async def test_kafka_is_away(plugin: Any, kafka: Kafka) -> None:
    """Hooks go on as ever; what is kept is bounded, the oldest makes room, and what went is counted and told."""
    kafka.away = True
    known = process_of(plugin)
    assert known.sender is not None
    for number in range(OBSERVED + 500):
        await plugin.tool_post_invoke(called(), context(f"{number}"))
    assert (len(known.sender._observed), known.sender.dropped) == (OBSERVED, 500)
    for _ in range(WAITING + 10):
        known.sender.spell_frame()
    assert (len(known.sender._waiting), known.sender.dropped) == (WAITING, 510)
    flood = EVENTS + 7
    for _ in range(flood):
        await plugin.http_post_request(answered(401), context())
    before = known.sender.dropped
    known.sender.gather()
    assert known.sender.dropped == before + 7 + EVENTS  # of the flood, and what had to make room for it
    newest = samples.read(waiting(known.sender)[-1])
    assert newest.values[newest.series.index('plugin_dropped_total{worker="0"}')] == before + 7 + EVENTS


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what another thread does; a hang is an error."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)  # noqa: ASYNC251 - it is another thread that works


async def test_kafka_comes_back(kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept is sent, in order, under the gateway's name; what is too old by then is dropped and counted."""
    monkeypatch.setattr(sender, "AGAIN", 0.01)
    kafka.away = True
    of = Sender(SETTINGS, "0", kafka.make)
    of._put(int(time.time() * 1000) - OLDEST - 1, b"old")
    of.note(Incident(0, "first", {}))
    of.start()
    await eventually(lambda: kafka.made > 2)
    assert kafka.log == []
    kafka.away = False
    await eventually(lambda: of.sent >= 3)
    of.stop()
    assert not of.alive
    types = [decode(raw).get("type", "frame") for raw in kafka.log]
    assert types[:1] == ["first"]
    assert {"heartbeat", "frame"} <= set(types)
    assert (of.dropped, kafka.keys, len(of._waiting)) == (1, {b"prod"}, 0)


async def test_plugins_are_made_anew(monkeypatch: pytest.MonkeyPatch, kafka: Kafka, tmp_path: Path) -> None:
    """However often: the process has one sender; another process of the gateway has another number."""
    monkeypatch.setattr(process, "Sender", lambda settings, worker: Sender(settings, worker, kafka.make))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    with framework() as module:
        first, second = GatewayProcess(), GatewayProcess()
        config = {"gateway": "prod", "kafka": "127.0.0.1:1"}
        module.PROCESS = first
        for _ in range(50):
            one = module.TocsinPlugin(SimpleNamespace(config=config))
            await one.initialize()
            await one.shutdown()
        assert first.sender is not None
        second.begin(config)
        assert second.sender is not None
        assert [of.sender._source for of in (first, second) if of.sender] == ["plugin/0", "plugin/1"]
        assert first.sender.alive
        first.sender.stop()
        first.begin(config)  # whatever ended it: the same process has the same number
        assert first.sender.alive
        assert first.sender._source == "plugin/0"
        first.end()  # the other goes on: nobody waits for this one
        second.end()  # it will come again, under the same number
    stopped = [decode(raw)["source"] for raw in kafka.log if decode(raw).get("type") == STOPPED]
    assert stopped == ["plugin/0"]
    assert [of.sender.alive for of in (first, second) if of.sender] == [False, False]


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({}, "TOCSIN_GATEWAY is missing"), ({"gateway": "a|b", "kafka": "x:1"}, "no `|`"),
        ({"gateway": "a"}, "TOCSIN_KAFKA_BOOTSTRAP is missing"),
        ({"gateway": "a", "kafka": "x"}, "`kafka` must be host:port"),
        ({"gateway": "a", "kafka": "x:1", "every": 0.1}, "`every`"),
        ({"gateway": "a", "kafka": "x:1", "every": "soon"}, "`every`"),
        ({"gateway": "a", "kafka": "x:1", "key_file": "/nowhere"}, "nowhere"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_once(
    config: dict[str, Any], says: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the gateway's log; its requests go on."""
    monkeypatch.setattr("os.environ", {})
    known = GatewayProcess()
    for _ in range(3):
        known.begin(config)
    known.note(Incident(1, "x", {}))
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert says in caplog.text


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"TOCSIN_KAFKA_SECURITY": "sasl"}, "TOCSIN_KAFKA_SECURITY: 'sasl' is none of"),
        ({"TOCSIN_KAFKA_SECURITY": "SASL_SSL"}, "TOCSIN_KAFKA_PASSWORD"),
        ({"TOCSIN_KAFKA_SECURITY": "SSL", "TOCSIN_KAFKA_CA": "/nowhere"}, "TOCSIN_KAFKA_CA: /nowhere"),
        (
            {"TOCSIN_KAFKA_SECURITY": "SASL_PLAINTEXT", "TOCSIN_KAFKA_USER": "u", "TOCSIN_KAFKA_PASSWORD": "geheim",
             "TOCSIN_KAFKA_SASL_MECHANISM": "MD5"},
            "TOCSIN_KAFKA_SASL_MECHANISM: 'MD5' is none of",
        ),
        ({"TOCSIN_KEY_FILE": "/dev/null"}, "`key_file`: /dev/null is empty"),
    ],
)  # fmt: skip
def test_a_variable_that_is_wrong_is_named(environment: dict[str, str], says: str) -> None:
    """Before anything is sent, and with no secret in the words."""
    with pytest.raises(ValueError, match=re.escape(says)) as wrong:
        read_settings({"gateway": "a", "kafka": "x:1,y:2"}, environment)
    assert "geheim" not in str(wrong.value)


def test_without_aiokafka(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install, and hinders nobody."""
    monkeypatch.setattr(process, "find_spec", lambda _: None)
    GatewayProcess().begin({"gateway": "a", "kafka": "x:1"})
    assert "install aiokafka" in caplog.text


def test_settings(tmp_path: Path) -> None:
    """What is secret comes from the environment, or from a file that it names."""
    key, password = tmp_path / "key", tmp_path / "password"
    key.write_text("k" * 32 + "\n")
    password.write_text("geheim\n")
    environment = {
        "TOCSIN_GATEWAY": "prod", "TOCSIN_KAFKA_BOOTSTRAP": "k:9092", "TOCSIN_KEY_FILE": str(key),
        "TOCSIN_KAFKA_SECURITY": "SASL_PLAINTEXT", "TOCSIN_KAFKA_USER": "u",
        "TOCSIN_KAFKA_PASSWORD_FILE": str(password),
    }  # fmt: skip
    settings = read_settings({"every": 5}, environment)
    assert (settings.gateway, settings.kafka, settings.key, settings.every) == (
        "prod",
        "k:9092",
        b"k" * 32,
        5.0,
    )
    assert settings.client["sasl_plain_password"] == "geheim"


def test_no_message_is_too_large() -> None:
    """However long tools and upstreams are called, and of whatever signs: one that is refused would be lost whole."""
    tally = Tally("\x01" * 60)
    for number in range(SERIES):
        tally.count(ToolCall(f"{number}".ljust(LONGEST, "\x01"), f"{number}".ljust(LONGEST, '"'), False, 0.2))
    series, values = tally.frame(0)
    bodies = list(frame_bodies("g" * 200, "plugin/0", NOW, (series, values)))
    assert max(len(signed(body, KEY)) for body in bodies) <= LARGEST
    assert [text for body in bodies for text in body["series"]] == series


def test_everything_is_bounded() -> None:
    """Open calls, and tools and upstreams that somebody makes up."""
    entries: OpenEntries[int] = OpenEntries(most=3)
    for number in range(9):
        entries.put(f"{number}", number)
    assert (len(entries), entries.take("0"), entries.take("8")) == (3, None, 8)
    tally = Tally("0")
    for number in range(SERIES + 500):
        tally.count(ToolCall(f"t{number}", f"u{number}", False, 0.2))
    series, values = tally.frame(0)
    assert len(series) < SERIES + 2_000
    assert (
        values[series.index('tool_calls_total{result="ok",tool="other",upstream="other",worker="0"}')] == 500
    )
    assert (area("/a/b"), area("/v1/x/y"), area("")) == ("/a", "/v1/x", "/")
