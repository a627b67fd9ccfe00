"""Real doubles for the shell's edges: row writer, store and output producer, and an owned partition made of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NoReturn

from aiokafka.producer.message_accumulator import BatchBuilder

from agents.exits import Exit
from agents.partition.log_identity import LogIdentity
from agents.partition.partition import OwnedPartition
from agents.partition.schedule import Schedule
from agents.worker_config import WorkerConfig
from streams.messages.dead_letter import Origin
from streams.messages.event import Event
from streams.messages.manifest import Incarnation
from streams.settings import Settings
from streams.signature import Signer
from streams.topics import TOPICS
from tables.kernel.output import Output
from tests.agents.tally import Detect

KEYS = "k" * 32
SIGNER = Signer([KEYS.encode()])


@dataclass
class Recorder:
    """A row writer that keeps what it gets, and may fail at a key."""

    events: list[str]
    offset: int = 10
    fails: str = ""

    async def write(self, records: Sequence[tuple[str, bytes | None]]) -> int:
        for key, value in records:
            if key == self.fails:
                raise OSError("refused")
            self.events.append(f"row {key}" if value is not None else f"tombstone {key}")
        return self.offset

    async def stop(self) -> None:
        self.events.append("stopped")


class BatchProducer:
    """aiokafka's producer as far as batches go: acknowledges by itself, or when events; may fail at a batch."""

    def __init__(self, prompt: bool = True, size: int = 1 << 18, fails_at: int = -1) -> None:
        self.prompt, self.size, self.fails_at = prompt, size, fails_at
        self.batches: list[tuple[str, int, int]] = []  # topic, partition, records
        self.waiting: list[asyncio.Future[Any]] = []
        self.records: list[tuple[str, int, bytes | None, bytes | None]] = []
        self.bytes, self.handed_over = 0, asyncio.Event()

    async def partitions_for(self, _: str) -> set[int]:
        return {0, 1, 2, 3}

    def create_batch(self) -> Any:
        return NotingBuilder(self.size)

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if len(self.batches) == self.fails_at:
            future.set_exception(OSError("refused"))
        elif self.prompt:
            future.set_result(SimpleNamespace(offset=len(self.records)))
        self.batches.append((topic, partition, batch.record_count()))
        self.records += [(topic, partition, key, value) for key, value in batch.noted]
        self.bytes += batch.size()
        self.handed_over.set()
        self.waiting.append(future)
        return future

    async def stop(self) -> None:
        """It is closed."""


class NotingBuilder(BatchBuilder):  # type: ignore[misc]  # aiokafka is untyped
    """aiokafka's batch, which also notes its records."""

    def __init__(self, size: int) -> None:
        super().__init__(size, 0)
        self.noted: list[tuple[bytes | None, bytes | None]] = []

    def append(self, *, timestamp: Any, key: Any, value: Any, headers: Any = ()) -> Any:
        kept = super().append(timestamp=timestamp, key=key, value=value, headers=list(headers))
        if kept is not None:
            self.noted.append((key, value))
        return kept


@dataclass
class MemoryStore:
    """A store that keeps rows in a dict."""

    events: list[str]
    kept: dict[str, bytes] = field(default_factory=dict)
    offset: int | None = None

    def rows(self) -> Iterator[tuple[str, bytes]]:
        yield from self.kept.items()

    def write(self, rows: Iterable[tuple[str, bytes | None]], offset: int | None) -> None:
        self.events.append("store")
        self.offset = offset
        for key, value in rows:
            if value is None:
                self.kept.pop(key, None)
            else:
                self.kept[key] = value


class MemoryProducer:
    """Sends everything at once; may be events to hold its acknowledgements."""

    def __init__(self, events: list[str]) -> None:
        self.events, self.outputs, self.injected = events, list[Output](), list[tuple[str, int, bytes]]()
        self.stamps: list[int] = []

    async def start(self) -> None:
        """It is."""

    async def send(self, outputs: Iterable[Output], origin: Origin, stamp: int) -> list[asyncio.Future[Any]]:
        sent = list(outputs)
        self.outputs += sent
        futures = [asyncio.get_running_loop().create_future() for _ in sent]
        for future in futures:
            future.set_result(None)
        return futures

    async def inject(self, topic: str, partition: int, raw: bytes, stamp: int) -> None:
        self.injected.append((topic, partition, raw))
        self.stamps.append(stamp)


@dataclass
class Bench:
    """An owned partition with nothing real around it."""

    identity: LogIdentity = field(default_factory=lambda: LogIdentity("i"))
    every: float = 0.0
    events: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writer, self.store, self.producer = (
            Recorder(self.events),
            MemoryStore(self.events),
            MemoryProducer(self.events),
        )
        self.partition = self.make()

    def make(self, grown_to: int = 0) -> OwnedPartition:
        """Own the partition (again), from what the store holds."""
        machine = Detect("detect-0", SIGNER, self.store.kept.items())
        schedule = Schedule(self.every, 0, 0.0)
        return OwnedPartition(0, machine, self.identity, self.store, self.writer, schedule, grown_to)

    async def apply(self, *offsets: int, value: bytes | None = None, key: bytes | None = b"gw") -> None:
        """Apply one event at each offset."""
        for offset in offsets:
            await self.partition.apply(origin(offset, value, key), 1_000 * offset, self.producer)  # type: ignore[arg-type]


def origin(offset: int, value: bytes | None = None, key: bytes | None = b"gw") -> Origin:
    """A record of the input topic."""
    event = Event(id=f"e{offset}", at=0, gateway="gw", source="s", type="up").encode()
    return Origin("telemetry", 0, offset, key, event if value is None else value)


def worker_config(**settings: Any) -> WorkerConfig:
    """The configuration of a `detect` worker, and a manifest in which all topics are."""
    made = Settings(bootstrap="127.0.0.1:1", system_keys=KEYS, **settings)
    manifest = {t.name: Incarnation(id="", at=0, topic=t.name, incarnation="i", partitions=4) for t in TOPICS}
    return WorkerConfig("detect", made, Detect, SIGNER, manifest, {"bootstrap_servers": made.bootstrap})


class Left(Exception):
    """The process would have ended."""

    def __init__(self, code: Exit, why: str) -> None:
        super().__init__(why)
        self.code, self.why = code, why


def leave(code: Exit, why: str) -> NoReturn:
    """Raise instead of ending the process of the test."""
    raise Left(code, why)
