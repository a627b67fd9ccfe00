"""Dead letters: an input that could not be applied, with all that is needed to understand and to re-drive it."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import orjson

from tables.output import Output

LARGEST = 256 * 1024  # bytes of an input that is kept whole


class Origin(NamedTuple):
    """The record that an output answers to, as Kafka knows it."""

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


def letter(output: Output, origin: Origin) -> Letter:
    """The input's own bytes, or what identifies them where they are too many, with the reason and whose fault it is."""
    fault, _, reason = output.reason.partition(": ")
    where = f"{origin.topic}/{origin.partition}/{origin.offset}"
    headers = [
        ("topic", origin.topic.encode()),
        ("partition", str(origin.partition).encode()),
        ("offset", str(origin.offset).encode()),
        ("id", output.id.encode()),
        ("fault", fault.encode()),
        ("reason", reason.encode()),
        ("whole", b"yes" if len(origin.value) <= LARGEST else b"no"),
    ]
    if origin.key is not None:
        headers.append(("key", origin.key))
    return Letter(
        where.encode(), origin.value if len(origin.value) <= LARGEST else _identified(origin), headers
    )


def _identified(origin: Origin) -> bytes:
    said = {
        "sha256": hashlib.sha256(origin.value).hexdigest(),
        "length": len(origin.value),
        "offset": origin.offset,
    }
    return orjson.dumps(said)
