"""How the columns of a block are packed: a JSON part, and the arrays one after the other in little-endian bytes."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, cast
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from streams.errors import DamagedState

Array = NDArray[Any]
NEVER = -(2**62)  # an event time before all others
_POOL = WeakValueDictionary[tuple[str, tuple[int, ...], bytes], Array]()  # whatever somebody still holds


STEP = 32  # columns grow by so many entries at a time


def some(mask: Array) -> bool:
    """Whether any entry is true or not nought: several times as quick as `any`, which counts on the hot path."""
    return bool(np.count_nonzero(mask))


def room(count: int) -> int:
    """The length of the columns of a block with `count` slots."""
    return -(-count // STEP) * STEP


def grown(column: Array, count: int, fill: float) -> Array:
    """The column with room for `count` slots, new entries holding `fill`."""
    if len(column) >= count:
        return column
    more = np.full((room(count) - len(column), *column.shape[1:]), fill, dtype=column.dtype)
    return np.concatenate([column, more])


def pooled(column: Array) -> Array:
    """The column, to be read only, as the one object of all that hold the same; gateways of a fleet are much alike."""
    key = column.dtype.str, column.shape, blake2b(column.tobytes(), digest_size=16).digest()
    if (known := _POOL.get(key)) is not None:
        return known
    _POOL[key] = column = column.copy()  # a part of a larger one would keep all of it
    column.flags.writeable = False
    return column


def pack(columns: list[Array]) -> bytes:
    """All columns as bytes, in order."""
    return b"".join(column.tobytes() for column in columns)


def listed(meta: Any) -> list[Any]:
    """The JSON part as a list, which it was; a text or an object would be walked through as well."""
    if not isinstance(meta, list):
        raise DamagedState(f"a list of slots was kept, not {meta!r:.60}")
    return list[Any](meta)  # pyright: ignore[reportUnknownArgumentType] its slots are read one by one


def named(meta: Any) -> dict[str, Any]:
    """The JSON part as an object, which it was."""
    if not isinstance(meta, dict):
        raise DamagedState(f"parts with names were kept, not {meta!r:.60}")
    return cast(dict[str, Any], meta)


def within(column: Array, low: int, high: int) -> Array:
    """The column, whose entries lie in a range; DamagedState where one does not."""
    if len(column) and not (low <= column.min() and column.max() <= high):
        raise DamagedState(f"an entry lies outside of {low} to {high}")
    return column


def unpack(raw: bytes, slots: int, shapes: list[tuple[str, int]]) -> list[Array]:
    """The columns of a block with `slots` slots, by dtype and width of each; DamagedState where lengths differ."""
    columns: list[Array] = []
    at, size = 0, room(slots)
    for kind, width in shapes:
        count = size * width
        length = count * np.dtype(kind).itemsize
        if at + length > len(raw):
            raise DamagedState(f"columns of {size} entries need more than {len(raw)} bytes")
        column = np.frombuffer(raw, dtype=kind, count=count, offset=at).copy()
        columns.append(column.reshape(size, width) if width > 1 else column)
        at += length
    if at != len(raw):
        raise DamagedState(f"columns of {size} entries leave {len(raw) - at} bytes over")
    return columns
