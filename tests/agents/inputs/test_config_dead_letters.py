"""What no machine stands for is dead-lettered by one of all readers, with its reason, and raises an alert."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from agents.inputs.config_dead_letters import ConfigDeadLetters
from streams.messages.config import ConfigRevision
from streams.messages.envelope import decode
from streams.topics import CONFIG, DEAD_LETTER, INBOX
from tests.agents.doubles import SIGNER, MemoryProducer
from tests.agents.harness import signed_document

KEY = b"platform/endpoint/a"
GOOD = signed_document("a", 1)
NEWER = SIGNER.sign(b'{"kind":"config","schema":99}', CONFIG)
OTHER = SIGNER.sign(
    ConfigRevision(id="", at=0, owner="", type="", name="", revision=1, body={}).encode(), CONFIG
)


async def outputs_of(**fields: Any) -> list[Any]:
    """What a record causes."""
    producer = MemoryProducer([])
    record = SimpleNamespace(partition=0, offset=7, timestamp=5, headers=[], **fields)
    await ConfigDeadLetters(SIGNER, producer).handle(record)
    return producer.outputs


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (GOOD, ""),
        (b"\xff{", "sender: a message of an internal kind carries no signature"),
        (GOOD.replace(b'"revision":1', b'"revision":2'), "sender: the signature of an internal message"),
        (SIGNER.sign(b'{"kind":"what"}', CONFIG), "sender: the topic `config` holds documents, not"),
        (SIGNER.sign(b'{"kind":"config"}', CONFIG), "sender: config: `id`"),
        (NEWER, "ours: config of schema 99: this version reads up to"),
        (OTHER, "sender: the document // came under the key"),
        (None, "sender: an empty record deletes nothing"),
    ],
)
async def test_config(value: bytes | None, says: str) -> None:
    """A record that is no document of ours is a dead letter that says why, and whose fault it is."""
    outputs = await outputs_of(topic=CONFIG, key=KEY, value=value)
    assert [(output.topic, output.id) for output in outputs] == ([(DEAD_LETTER, "config!7!")] if says else [])
    assert all(output.reason.startswith(says) for output in outputs)


@pytest.mark.parametrize(("origin", "alerts"), [("telemetry", 0), ("config", 1), ("send.webhook", 1)])
async def test_alert(origin: str, alerts: int) -> None:
    """A letter from elsewhere than a machine raises an alert that says what it is about; a machine has decided."""
    producer = MemoryProducer([])
    headers = [("topic", origin.encode()), ("reason", b"no JSON")]
    letter = SimpleNamespace(topic=DEAD_LETTER, partition=0, offset=7, timestamp=5, key=b"", value=b"")
    letter.headers = headers
    await ConfigDeadLetters(SIGNER, producer).handle(letter)
    assert [output.topic for output in producer.outputs] == [INBOX] * alerts
    for output in producer.outputs:
        (verdict,) = decode(output.raw)["verdicts"]
        assert verdict["message"] == f"a record of {origin} could not be handled: no JSON"


@pytest.mark.parametrize(
    "headers", [[("topic", None)], [("topic", b"x" * 900_000)], [("reason", b"\xff" * 900_000)]]
)
async def test_a_letter_that_anybody_wrote(headers: list[tuple[str, bytes | None]]) -> None:
    """Whatever stands in its headers, its alert can be sent: else one record would end every worker for ever."""
    producer = MemoryProducer([])
    letter = SimpleNamespace(topic=DEAD_LETTER, partition=0, offset=7, timestamp=5, key=b"", value=b"")
    letter.headers = headers
    await ConfigDeadLetters(SIGNER, producer).handle(letter)
    assert [len(output.raw) < 10_000 for output in producer.outputs] == [True]
