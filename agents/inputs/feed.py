"""The feed of configuration: reads the compacted topic `config` and gives the newest revision of every document."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer

from streams.errors import Failure, Refused
from streams.messages.config import ConfigRevision
from streams.messages.envelope import decode
from streams.signature import Signer
from streams.topics import CONFIG

LONGEST_POLL = 5_000  # ms; what comes ends it
log = logging.getLogger("tocsin.feed")


class Record(Protocol):
    """What is read of a record of Kafka."""

    @property
    def key(self) -> bytes | None:
        """Under which it is kept."""
        ...

    @property
    def value(self) -> bytes | None:
        """Its bytes; None deletes what was kept under its key."""
        ...


def document(record: Record, signer: Signer) -> ConfigRevision:
    """The document that a record of the topic `config` carries; a Failure says why it is none of ours."""
    if record.value is None:
        raise Refused("an empty record deletes nothing: a document is deleted by a revision of its own")
    signer.verify(record.value, CONFIG)
    message = decode(record.value)
    if message["kind"] != ConfigRevision.__struct_config__.tag:
        raise Refused(f"the topic `config` holds documents, not messages of kind {message['kind']!r:.60}")
    published = ConfigRevision.read(message)
    name = f"{published.owner}/{published.type}/{published.name}"
    if record.key != name.encode():
        raise Refused(f"the document {name} came under the key {record.key!r:.80}")
    return published


@dataclass(frozen=True, slots=True)
class Entry:
    """One document as it was published, signature included."""

    owner: str
    type: str
    name: str
    revision: int
    at: int  # ms UTC
    raw: bytes


class Feed:
    """`complete` once all that the topic held at the start has been read. `entries` grows; the newest entry counts."""

    def __init__(self, signer: Signer) -> None:
        """`signer`: checks that a document is the system's."""
        self._signer = signer
        self.entries: list[Entry] = []
        self.newest: dict[tuple[str, str, str], int] = {}
        self.complete = False

    def since(self, position: int, kinds: tuple[str, ...]) -> Iterator[Entry]:
        """The newest revisions among the entries from `position` on, of the kinds that a stage needs."""
        for entry in self.entries[position:]:
            if entry.type in kinds and entry.revision == self.newest[entry.owner, entry.type, entry.name]:
                yield entry

    def read(self, record: Record) -> None:
        """Take one record of the topic; what is not ours is refused, and dead-lettered elsewhere."""
        try:
            published = document(record, self._signer)
        except Failure as why:
            log.warning("a record of the topic `config` is refused", extra={"why": str(why)})
            return
        assert record.value is not None
        key = (published.owner, published.type, published.name)
        if published.revision > self.newest.get(key, 0):
            self.newest[key] = published.revision
            self.entries.append(Entry(*key, published.revision, published.at, record.value))

    async def follow(self, client: Mapping[str, Any]) -> None:
        """Read the topic for ever, without a group: every worker reads all of it."""
        reader = AIOKafkaConsumer(
            CONFIG,
            **client,
            group_id=None,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=LONGEST_POLL,
        )
        await reader.start()
        try:
            ends = await reader.end_offsets(reader.assignment())
            while True:
                self.complete = self.complete or await _reached(reader, ends)
                for records in (await reader.getmany(timeout_ms=LONGEST_POLL)).values():
                    for record in records:
                        self.read(record)
        finally:
            await reader.stop()


async def _reached(reader: AIOKafkaConsumer, ends: Mapping[Any, int]) -> bool:
    return all([await reader.position(partition) >= end for partition, end in ends.items()])
