"""How hard batches are compressed: LZ4 at its fast level.

aiokafka has no setting for it and uses level 9, which costs a bridge ten times the processor for a fifth
of the bytes (2.1 against 0.2 µs a sample, 24 against 31 bytes; tests/sources/bench_exposition.py).
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from aiokafka import codec

FAST = 1
_BUILDERS = (
    "aiokafka.record.default_records",
    "aiokafka.record._crecords.default_records",
)  # in Python, and in C


def lighten() -> None:
    """From now on every producer of this process compresses at the fast level."""
    for name in _BUILDERS:
        with suppress(ImportError):  # aiokafka may have been built without C
            vars(import_module(name))["lz4_encode"] = _fast


def _fast(payload: bytes) -> bytes:
    return bytes(codec.lz4_encode(payload, FAST))
