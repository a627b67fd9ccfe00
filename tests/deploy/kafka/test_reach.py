"""A Kafka that is away is said once with the fix, then seldom, and its return is said too."""

from __future__ import annotations

import socket

from deploy.kafka.reach import AGAIN, Reach, answering
from deploy.ports import free_port


def test_words() -> None:
    """Nothing is said of a Kafka that answers; of one that does not: where, since when, and what to do."""
    reach = Reach("kafka:9092")
    assert reach.news(True, 0.0, "12:00:00") is None
    first = reach.news(False, 10.0, "12:00:10")
    assert first is not None
    assert all(word in first for word in ("kafka:9092", "since 12:00:10", "TOCSIN_KAFKA_BOOTSTRAP"))
    assert reach.news(False, 12.0, "") is None
    assert reach.news(False, 10.0 + AGAIN, "") == "still waiting for Kafka at kafka:9092, for 30 s"
    assert reach.news(True, 52.0, "") == "Kafka at kafka:9092 answers, after 42 s"


def test_any_of_several() -> None:
    """One broker that answers is enough; what is no address does not."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert answering(f"127.0.0.1:{free_port()},127.0.0.1:{port}")
    assert not answering("nonsense,127.0.0.1:x")
