"""Connects to Kafka with patience: a broker that is away is waited for, with one clear line every few seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError

from sinks.runtime.slot import member_name
from streams import connection
from streams.settings import Settings
from streams.text.hindrance import hindrance

log = structlog.get_logger()
EVERY = 5.0  # seconds between two lines about the same trouble
GATHER = 5  # ms that outcomes wait for others, to go together: nobody waits for them
_LONGEST = 2.0  # seconds between two tries
_AGAIN = 0.5  # seconds between two questions


class Client(Protocol):
    """What aiokafka's clients share."""

    async def start(self) -> Any:
        """Connect to a broker, or raise."""
        ...


Started = TypeVar("Started", bound=Client)


class RepeatedWarning:
    """A warning that is repeated for as long as something lasts, and logged at most once in five seconds."""

    def __init__(self) -> None:
        self._logged_at = float("-inf")

    def log(self, event: str, **facts: object) -> None:
        """Log it unless it was logged just now."""
        if time.monotonic() - self._logged_at >= EVERY:
            self._logged_at = time.monotonic()
            log.warning(event, **facts)


async def connect(settings: Settings, make: Callable[[], Started]) -> Started:
    """A started client, however long the broker takes to appear."""
    warning, wait = RepeatedWarning(), 0.2
    while True:
        client = make()
        try:
            await client.start()
        except (KafkaError, OSError) as why:
            await _discard(client)
            warning.log(
                "Kafka does not answer; trying again until it does",
                bootstrap=settings.bootstrap,
                **(await hindrance(connection.client(settings), create_conn, why))._asdict(),
            )
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST)
        else:
            return client


async def _discard(client: Client) -> None:
    """Close what was half open; clients of different kinds call it differently."""
    close: Callable[[], Awaitable[None]] | None = getattr(client, "stop", None) or getattr(
        client, "close", None
    )
    if close:
        try:
            await close()
        except (KafkaError, OSError) as why:
            log.debug("a client did not close", why=str(why))


async def wait_for_topics(admin: AIOKafkaAdminClient, topics: Iterable[str]) -> None:
    """Return once all topics exist: a consumer that starts before its topic would never find it."""
    warning = RepeatedWarning()
    while missing := sorted(set(topics) - await _known_topics(admin)):
        fix = "python -m deploy topics; if they are there, let this user see them: python -m deploy acls"
        warning.log("topics do not exist yet; waiting", topics=missing, fix=fix)
        await asyncio.sleep(_AGAIN)


async def _known_topics(admin: AIOKafkaAdminClient) -> set[str]:
    """Ask until one of the brokers answers: the one that is asked may be away while the others are there."""
    warning = RepeatedWarning()
    while True:
        try:
            return set(await admin.list_topics())
        except KafkaError as why:
            if not why.retriable:
                raise
            warning.log("a broker does not answer; asking again", why=str(why))
            await asyncio.sleep(_AGAIN)


def admin(settings: Settings) -> AIOKafkaAdminClient:
    """A client that asks about topics and groups."""
    return AIOKafkaAdminClient(**connection.client(settings))


def producer(settings: Settings) -> AIOKafkaProducer:
    """Idempotent and acknowledged by all replicas; aiokafka's own partitioner, as everywhere in Tocsin."""
    return AIOKafkaProducer(
        **connection.client(settings),
        acks="all",
        enable_idempotence=True,
        linger_ms=GATHER,
        max_request_size=1 << 20,
    )


def consumer(settings: Settings, group: str) -> AIOKafkaConsumer:
    """A member of `group` that commits only what it is told to."""
    slot = member_name(group, settings) if settings.static_membership else None
    return AIOKafkaConsumer(
        **connection.client(settings),
        group_id=group,
        group_instance_id=slot,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=settings.session,
        heartbeat_interval_ms=connection.heartbeat(settings.session),
        max_partition_fetch_bytes=1 << 20,
    )
