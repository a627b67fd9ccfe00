"""One remembered thing, and its bytes in the changelog.

The bytes are a JSON head and, for columnar rows, raw column bytes behind a NUL (which JSON never
contains). A row carries all that a replay needs: what it has seen, what names its outputs, when it
wants to be looked at again.
"""

from __future__ import annotations

from typing import Any, Protocol, Self, cast

import orjson

from streams.errors import DamagedState, NewerSchema

ROW_SCHEMA = 1
LARGEST_ROW = 128 * 1024
_NUL = b"\x00"


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


class Row:
    """`seen`: highest offset that it reflects; `born` and `sent` name its outputs; `wake`: its own deadline.

    `wake` is on the attended clock (ms, see `tables.kernel.clock`), None where nothing is pending. `failed` counts
    the tries of a row in quarantine and says why. Nested values are replaced, never changed in place.
    """

    __slots__ = ("born", "dead", "failed", "key", "queued", "seen", "sent", "value", "wake")

    def __init__(self, key: str, value: Any, seen: int = -1, born: int = -1, sent: int = 0) -> None:
        """A row as it begins; `born` is the offset that called it into being."""
        self.key, self.value, self.seen, self.born, self.sent = key, value, seen, born, sent
        self.wake: int | None = None
        self.queued: int | None = None  # the deadline that the machine's heap holds; derived, never stored
        self.dead = False
        self.failed: list[Any] | None = None

    def memory(self) -> tuple[Any, ...]:
        """All that a savepoint restores; `seen` is set only after the whole input has been applied."""
        return self.born, self.sent, self.wake, self.dead, self.failed, self.value

    def restore(self, memory: tuple[Any, ...]) -> None:
        """Undo to what `memory` returned."""
        self.born, self.sent, self.wake, self.dead, self.failed, self.value = memory

    def encode(self) -> bytes:
        """The bytes that the changelog keeps."""
        meta, raw = self.value.pack() if hasattr(self.value, "pack") else (self.value, b"")
        head: list[Any] = [
            ROW_SCHEMA,
            self.seen,
            self.born,
            self.sent,
            self.wake,
            self.dead,
            self.failed,
            meta,
        ]
        return orjson.dumps(head) + (_NUL + raw if raw else b"")


def level(key: str) -> str:
    """The level in a row's key. Levels sort as texts; one that came later lies between two: "4" < "4.5" < "5"."""
    return key.partition("/")[0]


def decode(key: str, stored: bytes, codec: type[Columns] | None) -> Row:
    """The row in `stored`; DamagedState where it does not read back, NewerSchema where we are too old."""
    text, _, raw = stored.partition(_NUL)
    try:
        schema, *head, meta = orjson.loads(text)
        if isinstance(schema, int) and schema > ROW_SCHEMA:
            words = f"row {key} of schema {schema}: this version reads up to {ROW_SCHEMA}; update it first"
            raise NewerSchema(words)
        return _row(key, head, _value(meta, raw, codec))
    except (DamagedState, ValueError, TypeError, LookupError, AttributeError, OverflowError) as why:
        raise DamagedState(f"row {key}: {type(why).__name__}: {why}") from None


def _row(key: str, head: list[Any], value: Any) -> Row:
    seen, born, sent, wake, dead, failed = head
    numbers = (seen, born, sent, 0 if wake is None else wake)
    if not (all(type(n) is int for n in numbers) and type(dead) is bool and (failed is None or failed[1:])):
        raise ValueError("its head holds something else than offsets and counts")
    row = Row(key, value, seen, born, sent)
    row.wake, row.dead, row.failed = wake, dead, failed
    return row


def _value(meta: Any, raw: bytes, codec: type[Columns] | None) -> Any:
    if codec is not None:
        return codec.unpack(meta, raw)
    if not isinstance(meta, dict) or raw:
        raise ValueError("its value is not an object")
    return cast(dict[str, Any], meta)
