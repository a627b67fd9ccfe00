"""The topic `shared` as its reader follows it, without a Kafka."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiokafka.errors import KafkaConnectionError

from sources.shared.topic import PLACE, SharedTopic
from streams.messages.shared import SharedEntry
from tests.sources.shared.memory_log import SIGNER, Line, line


@dataclass
class Reader:
    """What a consumer is asked; its polls bring these records, and then Kafka is away."""

    polls: list[list[Line]]
    read: int = 0
    versions: list[int] = field(default_factory=list)
    topic: SharedTopic | None = None

    def assign(self, places: list[Any]) -> None:
        """There is one partition."""

    def seek(self, place: Any, offset: int) -> None:
        """It is read from its beginning."""

    async def end_offsets(self, places: list[Any]) -> dict[Any, int]:
        return {PLACE: 0}

    async def getmany(self, timeout_ms: int) -> dict[Any, list[Line]]:
        assert self.topic is not None
        self.versions.append(self.topic.version)
        if not self.polls:
            raise KafkaConnectionError("away")
        records = self.polls.pop(0)
        self.read += len(records)
        return {PLACE: records} if records else {}

    async def position(self, place: Any) -> int:
        return self.read


async def test_its_version_grows_with_what_is_read_alone() -> None:
    """Whoever reads anew when it grows does so when there is something new, and not at every poll."""
    topic = SharedTopic({}, SIGNER, 1.0)
    entry = line(SharedEntry(id="1", at=0, type="link", name="a", value=1))
    reader: Any = Reader([[], [], [entry], [], []], topic=topic)
    with suppress(KafkaConnectionError):
        await topic._read(reader)
    assert reader.versions == [1, 1, 1, 2, 2, 2]  # 1: all that there was at first has been read
    assert topic.of("link") == {"a": 1}
    topic._loop.close()
