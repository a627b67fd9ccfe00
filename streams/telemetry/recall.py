"""Texts of series are read once: a batch that repeats the texts of the one before is read without them.

Nine tenths of a batch are the texts of its series, and they come again every few seconds. Where a batch is spelled
as `streams.telemetry.samples` spells it, its `series` depend on nothing but the bytes up to its values; equal bytes
then give the very list of the time before. Whatever is spelled otherwise is simply read.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, cast

import orjson

from streams.signature import unsigned

BOUND = 32 << 20  # bytes of text that are remembered; after that the memory begins anew
ENTRY = 300  # bytes that an entry weighs without its texts: senders of empty batches fill a memory as well
_PLAIN = rb'"[^"\\]*"'
_HEAD = re.compile(
    rb'\{"kind":"samples","id":%b,"at":\d+,"schema":1,"gateway":(%b),"source":(%b),"part":\[(\d+),\d+\],"(series|layout)":'
    % (_PLAIN, _PLAIN, _PLAIN)
)
_VALUES = b',"values":['


class Texts(NamedTuple):
    """Series as they stood in a batch, and what they say."""

    raw: bytes
    series: Any


class Recall:
    """Reads the batches of one log; what it remembers changes how fast it reads, and nothing else."""

    def __init__(self) -> None:
        """A new one has read nothing."""
        self._known: dict[tuple[bytes, ...], Texts] = {}
        self._bytes = 0

    def load(self, raw: bytes) -> Any:
        """What the JSON in `raw` says; JSONDecodeError where it is none.

        A signature is another one each time: what it stands over is read without it.
        """
        text, signature = unsigned(raw)
        message = self._load(text)
        if signature and isinstance(message, dict):
            cast(dict[str, Any], message)["signature"] = signature
        return cast(object, message)

    def _load(self, raw: bytes) -> Any:
        head = _HEAD.match(raw)
        if head is None:
            return orjson.loads(raw)
        *names, column = head.groups()
        key, start = tuple(names), head.end()
        if column != b"series":  # it names its list: who remembers that needs no texts
            self._forget(key)
            return orjson.loads(raw)
        known = self._known.get(key)
        if known is not None and raw.startswith(known.raw, start) and _bare(raw, start + len(known.raw)):
            message = orjson.loads(b"%b[]%b" % (raw[:start], raw[start + len(known.raw) :]))
            message["series"] = known.series
            return message
        message, end = orjson.loads(raw), raw.rfind(_VALUES)
        if _bare(raw, end) and _whole(raw[start:end]):
            self._note(key, Texts(raw[start:end], message["series"]))
        return message

    def _forget(self, key: tuple[bytes, ...]) -> None:
        if (known := self._known.pop(key, None)) is not None:
            self._bytes -= len(known.raw) + ENTRY + sum(map(len, key))

    def _note(self, key: tuple[bytes, ...], texts: Texts) -> None:
        weight, before = ENTRY + sum(map(len, key)), self._known.get(key)
        more = len(texts.raw) - len(before.raw) if before else len(texts.raw) + weight
        if self._bytes + more > BOUND:
            self._known, self._bytes, more = {}, 0, len(texts.raw) + weight
        self._bytes += more
        self._known[key] = texts


def _bare(raw: bytes, end: int) -> bool:
    """Whether nothing but values stands from `end` on: no other name, so no second `series`."""
    begins = end >= 0 and raw.startswith(_VALUES, end)
    return begins and raw.find(b'"', end + len(_VALUES)) < 0


def _whole(text: bytes) -> bool:
    """Whether it is one value of JSON and nothing more: no other name, so no second `gateway`."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
