"""Dead letters: an input that could not be handled, with all that is needed to understand and to re-drive it."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import orjson

from streams.errors import Refused

LARGEST = 256 * 1024  # bytes of an input that is kept whole
REASON = 1_000  # characters
WHOLE, BEFORE, TOO_LARGE = (
    b"yes",
    b"before",
    b"no",
)  # where an input's bytes are: in this letter, another, or none


class Origin(NamedTuple):
    """The record that could not be handled, as Kafka knows it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes


class Letter(NamedTuple):
    """One record of the dead-letter topic."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def letter(origin: Origin, id: str, fault: str, reason: str, first: bool = True) -> Letter:
    """The input's own bytes, or what identifies them where they are too many, with the reason and whose fault it is.

    One input can fail in hundreds of ways: the `first` letter of it holds its bytes, the others what identifies it.
    """
    where, whole = (
        f"{origin.topic}/{origin.partition}/{origin.offset}",
        first and len(origin.value) <= LARGEST,
    )
    headers = [
        ("topic", origin.topic.encode()),
        ("partition", str(origin.partition).encode()),
        ("offset", str(origin.offset).encode()),
        ("id", id.encode()),
        ("fault", fault.encode()),
        ("reason", reason[:REASON].encode()),
        ("whole", WHOLE if whole else BEFORE if not first else TOO_LARGE),
    ]
    if origin.key is not None:
        headers.append(("key", origin.key))
    return Letter(where.encode(), origin.value if whole else _identified(origin), headers)


def fault(why: Exception) -> str:
    """Whose fault a failure is, as a letter says it."""
    return "sender" if isinstance(why, Refused) else "ours"


def _identified(origin: Origin) -> bytes:
    identity = {
        "sha256": hashlib.sha256(origin.value).hexdigest(),
        "length": len(origin.value),
        "offset": origin.offset,
    }
    return orjson.dumps(identity)
