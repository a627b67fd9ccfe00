"""The topic `shared` on a real Kafka: what one says the others know, and one alone takes a thing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from sources.shared.part import SharedPart
from sources.shared.topic import SharedTopic
from streams import connection
from streams.errors import Unavailable
from tests.chaos.ground import Ground

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A started Kafka with all topics."""
    made = Ground(tmp_path_factory.mktemp("shared")).start()
    yield made
    made.broker.stop()


@pytest.fixture
def opened(ground: Ground) -> Iterator[list[SharedTopic]]:
    """The topic as three processes see it."""
    topics = [SharedTopic(connection.client(ground.settings), ground.signer, 30.0) for _ in range(3)]
    for topic in topics:
        topic.open()
    yield topics
    for topic in topics:
        topic.close()


def test_what_is_shared(ground: Ground, opened: list[SharedTopic]) -> None:
    """A change can be read where it was made as soon as it is made; elsewhere soon, and by who comes later."""
    one, *others = (SharedPart(topic, "link") for topic in opened)
    assert one.read() == {}
    one.change(lambda _: {"a": {"expires": 1}, "b": 2})
    assert one.read() == {"a": {"expires": 1}, "b": 2}
    with ThreadPoolExecutor(3) as pool:
        taken = list(pool.map(lambda part: _patiently(part, "a"), (one, *others)))
    assert [value for value in taken if value is not None] == [{"expires": 1}]

    late = SharedTopic(connection.client(ground.settings), ground.signer, 30.0)
    late.open()
    assert SharedPart(late, "link").read() == {"b": 2}
    late.close()


def _patiently(part: SharedPart, name: str) -> object:
    """Take it as soon as it is known here: in another process it is known a moment later than where it was said."""
    while "b" not in part.read():  # said after it
        pass
    return part.take(name)


def test_where_kafka_is_away(ground: Ground) -> None:
    """Who cannot read says so, and neither waits for ever nor takes what is unknown for nothing."""
    client = connection.client(ground.settings) | {"bootstrap_servers": "127.0.0.1:9"}
    topic = SharedTopic(client, ground.signer, 0.0)
    topic.open()
    with pytest.raises(Unavailable, match="has not been read yet"):
        SharedPart(topic, "link").read()
    topic.close()
