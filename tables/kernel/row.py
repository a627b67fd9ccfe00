"""Rows: one remembered value with the offset that it reflects, and its bytes in the changelog.

The bytes are a JSON array and, for columnar rows, raw column bytes behind a NUL (which JSON never
contains). A row carries all that a replay needs: what it has seen, what names its outputs, when it
wants to be looked at again.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Generic, Protocol, Self, TypeVar

import msgspec

from streams.errors import DamagedState, NewerSchema
from tables.kernel.level import Level

V = TypeVar("V")
ROW_SCHEMA = 3
LARGEST_ROW = 128 * 1024
_NUL = b"\x00"
_SCHEMA = re.compile(rb"\[(\d{1,9}),")  # a row begins so; the rest is read once, by its types


def _plain(value: Any) -> Any:
    """A number of a numbers library as a plain one."""
    return value.item()


_encode = msgspec.json.Encoder(enc_hook=_plain).encode


class Columns(Protocol):
    """The value of a columnar row: copied before it is changed, packed into a JSON part and raw bytes."""

    def copy(self) -> Self:
        """An independent copy, so that a savepoint can keep the old one."""
        ...

    def pack(self) -> tuple[Any, bytes]:
        """The JSON part and the raw bytes of the columns."""
        ...

    @classmethod
    def unpack(cls, meta: Any, raw: bytes) -> Self:
        """The inverse of `pack`; DamagedState where lengths or ranges do not fit."""
        ...


class Quarantine(msgspec.Struct, frozen=True, array_like=True):
    """A row that failed: how often, why, and when it is tried again, ms on its level's clock."""

    tries: int
    why: str
    retry_at: int


class Row(Generic[V]):
    """`seen`: highest offset that it reflects; `born` and `sent` name its outputs.

    `deadline`: when it is due, ms on its level's clock, None for never; of most levels a function of the value.
    `value` is None in a row that has been opened and holds nothing yet, and is replaced, never changed in place.
    """

    __slots__ = ("born", "dead", "deadline", "key", "quarantine", "queued", "seen", "sent", "value")

    def __init__(self, key: str, value: V, seen: int = -1, born: int = -1, sent: int = 0) -> None:
        """A row as it begins; `born` is the offset that called it into being."""
        self.key, self.value = key, value
        self.seen, self.born, self.sent = seen, born, sent
        self.deadline: int | None = None
        self.queued: int | None = None  # the deadline that the machine's heap holds; derived, never stored
        self.dead = False
        self.quarantine: Quarantine | None = None

    def memory(self) -> tuple[Any, ...]:
        """All that a savepoint restores; `seen` is set only after the whole input has been applied."""
        return self.born, self.sent, self.deadline, self.dead, self.quarantine, self.value

    def restore(self, memory: tuple[Any, ...]) -> None:
        """Undo to what `memory` returned."""
        self.born, self.sent, self.deadline, self.dead, self.quarantine, self.value = memory

    def settle(self, level: Level[Any]) -> None:
        """Ask when the row is due: what it holds says so, or its quarantine."""
        if self.quarantine is not None:
            self.deadline = self.quarantine.retry_at
        elif self.dead or self.value is None:
            self.deadline = None
        elif level.deadline is not None:
            self.deadline = level.deadline(self.value)

    def encode(self, level: Level[V]) -> bytes:
        """The bytes that the changelog keeps."""
        kept = self.deadline if level.deadline is None else None
        value: Any = None if self.dead else self.value
        value, raw = value.pack() if level.columnar and not self.dead else (value, b"")
        head = (ROW_SCHEMA, self.seen, self.born, self.sent, kept, self.dead, self.quarantine, value)
        return _encode(head) + (_NUL + raw if raw else b"")


def decode(key: str, stored: bytes, level: Level[V] | None) -> Row[V | None]:
    """The row in `stored`; DamagedState where it does not read back, NewerSchema where we are too old.

    `level`: None where no level of the machine has the key's name.
    """
    text, _, raw = stored.partition(_NUL)
    try:
        head = _SCHEMA.match(text)
        schema = int(head[1]) if head else None
        if schema is not None and schema > ROW_SCHEMA:
            words = f"row {key} of schema {schema}: this version reads up to {ROW_SCHEMA}; update it first"
            raise NewerSchema(words)
        if schema != ROW_SCHEMA:
            words = f"it was written by a version that was never released (schema {schema})"
            raise ValueError(f"{words}: begin with empty data")
        if level is None:
            raise ValueError("no level of this machine has such a name")
        return _row(key, text, raw, level)
    except (DamagedState, ValueError, TypeError, LookupError, AttributeError, OverflowError) as why:
        raise DamagedState(f"row {key}: {type(why).__name__}: {why}") from None


def _row(key: str, text: bytes, raw: bytes, level: Level[V]) -> Row[V | None]:
    _, seen, born, sent, deadline, dead, quarantine, meta = _decoder(level).decode(text)
    if raw and (dead or not level.columnar):
        raise ValueError("bytes stand behind its value")
    value: Any = level.blank() if dead else meta
    if level.columnar and not dead:
        columns: Any = level.value
        value = columns.unpack(meta, raw)
    row = Row[V | None](key, value, seen, born, sent)
    row.deadline, row.dead, row.quarantine = deadline, dead, quarantine
    row.settle(level)
    return row


@cache
def _decoder(level: Level[Any]) -> msgspec.json.Decoder[Any]:
    """Reads the whole row in one pass, each field by its type."""
    value: Any = Any if level.columnar else level.value | None
    head: tuple[Any, ...] = (int, int, int, int, int | None, bool, Quarantine | None)
    shape: Any = tuple.__class_getitem__((*head, value))
    return msgspec.json.Decoder(shape)


AnyRow = Row[Any]
