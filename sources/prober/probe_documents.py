"""The probe documents that are in force: the newest revision of each, read from the compacted topic `config`."""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from streams import connection
from streams.documents.probe import Probe
from streams.errors import Failure, Refused
from streams.messages.config import ConfigRevision
from streams.messages.envelope import decode
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import CONFIG

log = structlog.get_logger()
AGAIN = 5.0  # seconds until Kafka is looked for again


class Record(Protocol):
    """What is read of a record of Kafka."""

    @property
    def value(self) -> bytes | None:
        """Its bytes."""
        ...


class ProbeDocuments:
    """By (team, name). `changed` is set whenever they are others than before; `complete` once all have been read."""

    def __init__(self, signer: Signer) -> None:
        """`signer`: checks that a document is the system's."""
        self._signer = signer
        self._revisions: dict[tuple[str, str], int] = {}
        self.probes: dict[tuple[str, str], Probe] = {}
        self.complete = False
        self.changed = asyncio.Event()

    def take(self, record: Record) -> None:
        """Take one record of the topic; what is no probe, or nobody's that we trust, is passed over."""
        try:
            document = self._document(record.value or b"")
            probe = Probe.read(document.body) if document is not None and document.body is not None else None
        except Failure as why:  # the stages put it among the dead letters
            log.debug("a record of the topic `config` is passed over", why=str(why))
            return
        if document is None or document.revision <= self._revisions.get((document.owner, document.name), 0):
            return
        key = document.owner, document.name
        self._revisions[key] = document.revision
        self.probes.pop(key, None)
        if probe is not None:
            self.probes[key] = probe
        self.changed.set()

    def _document(self, raw: bytes) -> ConfigRevision | None:
        self._signer.verify(raw, CONFIG)
        message = decode(raw)
        if message["kind"] != ConfigRevision.__struct_config__.tag:
            raise Refused(f"the topic `config` holds documents, not messages of kind {message['kind']!r:.60}")
        document = ConfigRevision.read(message)
        return document if document.type == Probe.type and not document.complete else None

    async def follow(self, settings: Settings) -> None:
        """Read the topic for ever, without a group; ends by cancellation."""
        while True:
            reader = AIOKafkaConsumer(
                CONFIG,
                **connection.client(settings),
                group_id=None,
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                metadata_max_age_ms=10_000,
            )
            try:
                await reader.start()
                await self._read(reader)
            except (KafkaError, OSError) as why:
                log.debug("probes cannot be read yet", why=str(why))
            finally:
                await reader.stop()
            await asyncio.sleep(AGAIN)

    async def _read(self, reader: AIOKafkaConsumer) -> None:
        ends = await reader.end_offsets(reader.assignment())
        while True:
            if not self.complete and ends:
                reached = [await reader.position(place) >= end for place, end in ends.items()]
                self.complete = all(reached)
                self.changed.set()
            for records in (await reader.getmany(timeout_ms=500)).values():
                for record in records:
                    self.take(record)
