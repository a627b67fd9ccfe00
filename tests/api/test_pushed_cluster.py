"""On a real Kafka: what the API takes and what the gateway's plugin tells lies in `telemetry`, and detect reads it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from aiokafka import AIOKafkaConsumer

from api.commands.events import KafkaEvents
from api.commands.producer import ConfirmedProducer
from sources.plugin.observed import Incident, ToolCall
from sources.plugin.sender import Sender
from streams import connection
from streams.messages.envelope import Body, decode
from streams.messages.event import Event
from streams.signature import Signer, gateway_key
from streams.telemetry import samples
from streams.topics import TELEMETRY
from tests.chaos.ground import Ground
from tests.patience import PATIENCE
from tests.sources.plugin.harness import SETTINGS

pytestmark = pytest.mark.cluster
KEY = b"k" * 32


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A started Kafka with all topics."""
    made = Ground(tmp_path_factory.mktemp("pushed")).start()
    yield made
    made.broker.stop()


async def told(ground: Ground, count: int) -> list[Body]:
    """So many messages of `telemetry`, each with a good signature of its gateway, and under its name."""
    consumer = AIOKafkaConsumer(
        TELEMETRY,
        **connection.client(ground.settings),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    signer, found, until = Signer([KEY], strict=True), list[Body](), time.monotonic() + PATIENCE
    try:
        while len(found) < count and time.monotonic() < until:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    body = decode(record.value)
                    signer.admit(record.value, body["gateway"])
                    assert record.key == body["gateway"].encode()
                    found.append(body)
    finally:
        await consumer.stop()
    return found


async def test_both_ways(ground: Ground) -> None:
    """A plugin's calls and events, and frames that were pushed."""
    kafka = str(connection.client(ground.settings)["bootstrap_servers"])
    plugin = Sender(SETTINGS._replace(kafka=kafka, key=gateway_key(KEY, "prod"), every=1.0), "0")
    plugin.note(ToolCall("find", "search", False, 0.2))
    plugin.note(Incident(0, "gateway_offline", {"upstream": "search"}, "gateway_offline/1"))
    plugin.start()
    producer = ConfirmedProducer(connection.client(ground.settings))
    events, at = KafkaEvents(producer, Signer([KEY])), time.time_ns() // 1_000_000
    pushed = [("eu", raw) for _, raw in samples.open_frame("eu", "prometheus/a/b", at, ["up"], [1.0])]
    await events.push(pushed * 20)
    await producer.stop()
    found = await told(ground, 24)
    plugin.stop()
    of_plugin = [body for body in found if body["gateway"] == "prod"]
    assert len(found) - len(of_plugin) == 20
    (offline,) = [body for body in of_plugin if body.get("type") == "gateway_offline"]
    assert Event.read(offline).labels == {"upstream": "search"}
    frames = [samples.read(body) for body in of_plugin if body["kind"] == "samples"]
    assert any(text.startswith("tool_calls_total{") for frame in frames for text in frame.series)
    assert plugin.sent >= len(of_plugin)
    assert plugin.dropped == 0
