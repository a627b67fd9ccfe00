"""What the sinks say is said until the broker has it, and what they bury can be dug out again."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from aiokafka.errors import KafkaTimeoutError, MessageSizeTooLargeError

from sinks.outcome import Delivered, report
from sinks.runtime.outcome_producer import OutcomeProducer
from streams.messages.dead_letter import LARGEST
from tests.sinks.ground import SIGNER


class Producer:
    """A producer in memory that fails as told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures, self.sent = list(failures), []

    async def send_and_wait(
        self, topic: str, value: bytes, key: bytes, headers: list[tuple[str, bytes]]
    ) -> Any:
        """Fail, or keep what is sent and stamp it."""
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((topic, key, value, dict(headers)))
        return SimpleNamespace(timestamp=5_000_000, timestamp_type=int(topic == "notify"))

    sent: list[tuple[str, bytes, bytes, dict[str, bytes]]]


def record(value: bytes) -> Any:
    """A record as it came."""
    return SimpleNamespace(topic="send.webhook", partition=1, offset=7, key=b"endpoint/pager", value=value)


async def test_signed_and_keyed(attempt: Any) -> None:
    """An outcome is signed and keyed as its attempt was, after a failure that passes."""
    producer = Producer(KafkaTimeoutError())
    await OutcomeProducer(producer, SIGNER).publish(report(attempt(), Delivered("yes"), at=1))

    ((topic, key, value, _),) = producer.sent
    SIGNER.verify(value, "notify")
    assert (topic, key) == ("notify", b"endpoint/pager")


async def test_the_brokers_clock(attempt: Any) -> None:
    """What the broker stamps tells its time; what keeps our own stamp tells nothing."""
    producer_of_outcomes = OutcomeProducer(Producer(), SIGNER)
    producer_of_outcomes.clock.host = lambda: 5_031_000
    await producer_of_outcomes.dead_letter(record(b"x"), "why")
    assert producer_of_outcomes.clock() == 5_031_000
    await producer_of_outcomes.publish(report(attempt(), Delivered("yes"), at=1))
    assert producer_of_outcomes.clock() == 5_000_000


async def test_a_failure_that_stays() -> None:
    """What the broker will never take ends the process instead of being tried for ever."""
    with pytest.raises(MessageSizeTooLargeError):
        await OutcomeProducer(Producer(MessageSizeTooLargeError()), SIGNER).dead_letter(record(b"x"), "why")


async def test_letters() -> None:
    """A dead letter has the bytes, where they came from and why; of a very large one the hash is kept."""
    producer = Producer()
    for value in (b"garbage", b"x" * (LARGEST + 1)):
        await OutcomeProducer(producer, SIGNER).dead_letter(record(value), "no JSON")

    (_, key, kept, small), (_, _, identified, large) = producer.sent
    assert (key, kept, small["key"]) == (b"send.webhook/1/7", b"garbage", b"endpoint/pager")
    assert (small["reason"], small["origin"], small["whole"]) == (b"no JSON", b"send.webhook/1/7", b"yes")
    assert large["whole"] == b"no"
    assert orjson.loads(identified)["sha256"] == hashlib.sha256(b"x" * (LARGEST + 1)).hexdigest()
