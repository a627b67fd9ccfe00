"""Protocol buffers' wire format, read by a shape that says which fields we know. Pure.

What a shape does not name is passed over, as every reader of the format does. Nothing is believed of lengths before it
is checked, and a message holds at most so many fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Any, NamedTuple

from streams.codes import RefusalCode
from streams.errors import Refused

VARINT, BYTES = 0, 2  # wire types; those of groups are not used any more
FIXED64, FIXED32 = 1, 5
FIELDS = 1_000_000  # of one message, with all that lies within
DEEPEST = 16  # messages within each other
_DOUBLE, _UNSIGNED, _SIGNED = Struct("<d"), Struct("<Q"), Struct("<q")


class WireField(NamedTuple):
    """A field that is known. `type`: text, bytes, int, bool, double, fixed64, sfixed64, or the shape of a message."""

    name: str
    type: str | Mapping[int, WireField]
    repeated: bool = False


WireShape = Mapping[int, WireField]


def refused(why: str) -> Refused:
    """What is said of bytes that are no such message."""
    return Refused(f"the body is no protobuf message of this kind: {why}", RefusalCode.MALFORMED)


def number(raw: bytes, at: int) -> tuple[int, int]:
    """The number that stands at a place, seven bits a byte, and the place behind it."""
    value = shift = 0
    for end in range(at, min(at + 10, len(raw))):
        byte = raw[end]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, end + 1
        shift += 7
    raise refused("it ends within a number")


def fields(raw: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Each field between two places: its number, its wire type, and where its value begins and ends."""
    while at < end:
        tag, at = number(raw, at)
        kind = tag & 7
        if kind == VARINT:
            _, after = number(raw, at)
        elif kind == BYTES:
            length, at = number(raw, at)
            after = at + length
        elif kind in (FIXED64, FIXED32):
            after = at + (8 if kind == FIXED64 else 4)
        else:
            raise refused(f"there is no wire type {kind}")
        if after > end:
            raise refused("it ends within a field")
        yield tag >> 3, kind, at, after
        at = after


@dataclass
class WireReader:
    """Reads one message; `left`: how many more fields it may hold."""

    raw: bytes
    left: int = FIELDS

    def message(
        self, shape: WireShape, at: int = 0, end: int | None = None, depth: int = 0
    ) -> dict[str, Any]:
        """The known fields between two places, by name; Refused where they are no such message."""
        if depth > DEEPEST:
            raise refused("it is nested too deeply")
        read: dict[str, Any] = {}
        for tag, kind, begin, after in fields(self.raw, at, len(self.raw) if end is None else end):
            self.left -= 1
            if self.left < 0:
                raise Refused(
                    f"the body holds more than {FIELDS} fields: send less at once", RefusalCode.TOO_LARGE
                )
            field = shape.get(tag)
            if field is None:
                continue
            if field.repeated:
                read.setdefault(field.name, []).extend(self._several(field, kind, begin, after, depth))
            else:
                read[field.name] = self._value(field.type, kind, begin, after, depth)
        return read

    def _several(self, field: WireField, kind: int, begin: int, after: int, depth: int) -> list[Any]:
        """One value, or the packed ones of a numeric field."""
        if field.type in ("double", "fixed64") and kind == BYTES:
            count, rest = divmod(after - begin, 8)
            self.left -= count
            if rest or self.left < 0:
                raise refused(f"`{field.name}` is no list of numbers that we take")
            letter = "d" if field.type == "double" else "Q"
            return list(Struct(f"<{count}{letter}").unpack_from(self.raw, begin))
        return [self._value(field.type, kind, begin, after, depth)]

    def _value(self, type: str | WireShape, kind: int, begin: int, after: int, depth: int) -> Any:
        if not isinstance(type, str):
            if kind != BYTES:
                raise refused("a message stands where a number was meant, or the other way round")
            return self.message(type, begin, after, depth + 1)
        wanted = _WIRE[type]
        if kind != wanted:
            raise refused(f"a field of wire type {kind} stands where {wanted} was meant")
        return self._plain(type, begin, after)

    def _plain(self, type: str, begin: int, after: int) -> Any:
        match type:
            case "text":
                return text(self.raw[begin:after])
            case "bytes":
                return self.raw[begin:after]
            case "double":
                return _DOUBLE.unpack_from(self.raw, begin)[0]
            case "fixed64":
                return _UNSIGNED.unpack_from(self.raw, begin)[0]
            case "sfixed64":
                return _SIGNED.unpack_from(self.raw, begin)[0]
        return signed(number(self.raw, begin)[0])


_WIRE = {
    "text": BYTES, "bytes": BYTES, "int": VARINT, "bool": VARINT,
    "double": FIXED64, "fixed64": FIXED64, "sfixed64": FIXED64,
}  # fmt: skip


def signed(value: int) -> int:
    """A number of 64 bits as one with a sign."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >= 1 << 63 else value


def text(raw: bytes) -> str:
    """Bytes as text; Refused where they are no UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise refused("a text is no UTF-8") from None


def varint(value: int) -> bytes:
    """A number as bytes, seven bits each."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def counted(tag: int, value: int) -> bytes:
    """The bytes of a field that is a number."""
    return varint(tag << 3 | VARINT) + varint(value)


def delimited(tag: int, raw: bytes) -> bytes:
    """The bytes of a field that is text, bytes or a message."""
    return varint(tag << 3 | BYTES) + varint(len(raw)) + raw
