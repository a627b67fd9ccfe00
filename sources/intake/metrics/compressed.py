"""Bodies as senders compress them, opened; never more bytes than a request may hold. Pure."""

from __future__ import annotations

import zlib
from importlib import import_module
from typing import Any

from streams.codes import RefusalCode
from streams.errors import Refused

LARGEST = 8 << 20  # bytes of an opened body
TOO_LARGE = f"the body holds more than {LARGEST} bytes when it is opened: send less at once"
_snappy: Any = import_module("cramjam").snappy  # which has no types


def gunzipped(raw: bytes) -> bytes:
    """The bytes in a gzip body; Refused where it is none, or a larger one than we take."""
    opener = zlib.decompressobj(wbits=31)
    try:
        body = opener.decompress(raw, LARGEST + 1)
    except zlib.error as why:
        raise Refused(f"the body is no gzip: {why!s:.100}", RefusalCode.MALFORMED) from None
    if len(body) > LARGEST:
        raise Refused(TOO_LARGE, RefusalCode.TOO_LARGE)
    if not opener.eof:
        raise Refused("the body is no gzip: it ends too early", RefusalCode.MALFORMED)
    return body


def unsnapped(raw: bytes) -> bytes:
    """The bytes in a snappy block; Refused where it is none, or says that it holds more than we take."""
    if _announced(raw) > LARGEST:
        raise Refused(TOO_LARGE, RefusalCode.TOO_LARGE)
    try:
        return bytes(_snappy.decompress_raw(raw))
    except Exception as why:  # noqa: BLE001 - the library raises a class of its own, made at run time
        raise Refused(f"the body is no snappy block: {why!s:.100}", RefusalCode.MALFORMED) from None


def _announced(raw: bytes) -> int:
    """How many bytes a snappy block says that it holds: its first number, seven bits a byte."""
    size = 0
    for place, byte in enumerate(raw[:5]):
        size |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            break
    return size
