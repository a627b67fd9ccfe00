"""Entries of the topic `shared` as its records fold: the newest value under each name, the first claim of each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from streams.errors import Failure, Refused
from streams.messages.shared import SharedEntry, Value
from streams.signature import Signer
from streams.topics import SHARED

NOTHING: Mapping[str, Value] = MappingProxyType({})


class Record(Protocol):
    """What is read of a record of Kafka."""

    @property
    def key(self) -> bytes | None:
        """Under which it is kept."""
        ...

    @property
    def value(self) -> bytes | None:
        """Its bytes."""
        ...


class Entries:
    """Type → name → value. What one reader was given does not change: another value is another mapping."""

    def __init__(self, signer: Signer) -> None:
        """`signer`: checks that a record is the system's."""
        self._signer = signer
        self._values: dict[str, Mapping[str, Value]] = {}
        self._claims: dict[tuple[str, str], str] = {}

    def take(self, record: Record) -> Failure | None:
        """Take one record; why it is none of ours, where it is not."""
        try:
            entry = self._entry(record)
        except Failure as why:
            return why
        if entry.claim:
            self._claims.setdefault((entry.type, entry.name), entry.claim)
            return None
        values = {**self.of(entry.type)}
        values.pop(entry.name, None)
        if entry.value is not None:
            values[entry.name] = entry.value
        self._values[entry.type] = values
        return None

    def of(self, type_: str) -> Mapping[str, Value]:
        """All entries of a type, in the order in which they were last said."""
        return self._values.get(type_, NOTHING)

    def claimant(self, type_: str, name: str) -> str:
        """Who has claimed an entry; empty where nobody has."""
        return self._claims.get((type_, name), "")

    def _entry(self, record: Record) -> SharedEntry:
        raw = record.value or b""
        self._signer.verify(raw, SHARED)
        entry = SharedEntry.parse(raw)
        if record.key != entry.key.encode():
            raise Refused(f"the entry {entry.key:.80} came under the key {record.key!r:.80}")
        return entry
