"""`python -m sinks traces`: reads what the stages say to each other, and tells an OTLP receiver of each alert's path.

It belongs to no group and begins with what comes next: traces of the time when it was away are not told later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiokafka import AIOKafkaConsumer

from sinks.keys import signer
from sinks.metrics import SinkMetrics
from sinks.runtime import kafka
from sinks.runtime.clients import unless
from sinks.runtime.kafka import RepeatedWarning
from sinks.traces.export import Export, exporter
from sinks.traces.span import TraceSpan
from sinks.traces.tracer import Tracer
from streams import connection
from streams.errors import Failure, Misconfigured
from streams.messages.attempt import Attempt, Outcome
from streams.messages.change import Change
from streams.messages.envelope import Message, kind_of
from streams.messages.notification import Notification
from streams.messages.verdict import Verdicts
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import CHANGES, CHANNELS, INBOX, NOTIFY, send

TOPICS = (
    INBOX,
    CHANGES,
    NOTIFY,
    *(send(channel, critical) for channel in CHANNELS for critical in (False, True)),
)
KINDS: dict[str, type[Message]] = {
    str(kind.__struct_config__.tag): kind for kind in (Verdicts, Change, Notification, Attempt, Outcome)
}
LARGEST = 512  # spans in one request
PAUSE = 1.0  # seconds after a receiver did not take them
log = structlog.get_logger()


async def serve(settings: Settings, stopping: asyncio.Event) -> None:
    """Tell of what comes until `stopping`; Misconfigured where no receiver is named."""
    if not settings.traces:
        raise Misconfigured(
            "TOCSIN_TRACES is not set: name an OTLP/HTTP receiver, as http://collector:4318/v1/traces"
        )
    export, keys = exporter(settings.traces), signer(settings)
    SinkMetrics().listen(settings)
    admin = await unless(stopping, kafka.connect(settings, lambda: kafka.admin(settings)))
    if admin is None:
        return
    await unless(stopping, kafka.wait_for_topics(admin, TOPICS))
    await admin.close()
    consumer = await unless(stopping, kafka.connect(settings, lambda: _consumer(settings)))
    if consumer is None:
        return
    log.info("started", traces=urlsplit(settings.traces).hostname)  # the rest may hold a key
    try:
        await unless(stopping, _follow(consumer, keys, export))
    finally:
        await consumer.stop()


def _consumer(settings: Settings) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        *TOPICS,
        **connection.client(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="latest",
    )


async def _follow(consumer: AIOKafkaConsumer, keys: Signer, export: Export) -> None:
    tracer, warning = Tracer(), RepeatedWarning()
    while True:
        batches = await consumer.getmany(timeout_ms=1_000, max_records=500)
        spans = [
            span
            for records in batches.values()
            for record in records
            for span in spans_of(record, tracer, keys)
        ]
        for first in range(0, len(spans), LARGEST):
            if not await asyncio.to_thread(export, spans[first : first + LARGEST]):
                warning.log("the receiver of traces took no spans; they are not kept", spans=len(spans))
                await asyncio.sleep(PAUSE)


def spans_of(record: Any, tracer: Tracer, keys: Signer) -> Iterator[TraceSpan]:
    """The spans that a record makes whole; what is not ours, or not about alerts, makes none."""
    raw: bytes = record.value or b""
    kind = KINDS.get(kind_of(raw))
    if kind is None:
        return
    try:
        keys.verify(raw, record.topic)
        message = kind.parse(raw)
    except Failure:
        return  # whoever it is for has refused it
    yield from tracer.take(message, record.timestamp)
