"""The envelope that every message shares, and its bytes on the wire.

A message is one flat JSON object: `kind` says what it is, `id` names it for ever, `at` is its event
time, `schema` the version of its shape; the rest is its body. Instants are integers: milliseconds
since 1970 in UTC, as Kafka itself counts them, so that every machine reckons exactly. Readers ignore
fields that they do not know, so that shapes may grow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, Self, cast

import msgspec
import orjson

from streams.errors import NewerSchema, Refused

SCHEMA = 1
LARGEST = 512 * 1024  # bytes of one message; senders split what is larger
NAME = re.compile(r"[^|\x00-\x1f]{1,256}")  # of a gateway or a source; `|` is ours, to join names with

Body = dict[str, Any]
Severity = Literal["critical", "warning", "info"]
_PLACE = re.compile(r"`?\$\.?([^`]*)`?$")
_MISSING = re.compile(r"Object missing required field `(\w+)`(?: - at `\$\.?([^`]*)`)?")
_encoder = msgspec.json.Encoder()
_KIND = re.compile(rb'\{"kind":"([a-z-]{1,40})"')


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """The envelope: a deterministic id and the event time, ms UTC."""

    id: str
    at: int
    version: int = msgspec.field(default=SCHEMA, name="schema")

    @property
    def kind(self) -> str:
        """The word that names this kind of message on the wire."""
        return str(self.__struct_config__.tag)

    @classmethod
    def read(cls, message: Body) -> Self:
        """The typed message of a decoded one; Refused names the first field that does not fit."""
        try:
            return msgspec.convert({"kind": cls.__struct_config__.tag, **message}, cls)
        except msgspec.ValidationError as why:
            raise _refused(cls, why) from None

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """The typed message in bytes of its kind; Refused names the first field that does not fit."""
        if len(raw) > LARGEST:
            raise Refused(f"message of {len(raw)} bytes: split it, the bound is {LARGEST}")
        try:
            message = _decoder(cls).decode(raw)
        except msgspec.ValidationError as why:
            decode(raw)  # a message of a newer schema is no wrong one
            raise _refused(cls, why) from None
        except msgspec.DecodeError as why:
            raise Refused(f"message is not JSON: {why}") from None
        if message.version > SCHEMA:
            raise _newer(str(cls.__struct_config__.tag), message.version)
        return cast(Self, message)

    def encode(self) -> bytes:
        """The bytes on the wire, unsigned."""
        return _encoder.encode(self)


@cache
def _decoder(kind: type[Message]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _refused(kind: type[Message], why: msgspec.ValidationError) -> Refused:
    words, name = str(why), kind.__struct_config__.tag
    if missing := _MISSING.match(words):
        where = ".".join(part for part in (missing[2], missing[1]) if part)
        return Refused(f"{name}: `{where}` is missing")
    text, _, place = words.partition(" - at ")
    at = _PLACE.match(place)
    return Refused(f"{name}: `{at[1] if at else '?'}`: {text[:1].lower()}{text[1:]}")


def _newer(kind: str, schema: int) -> NewerSchema:
    return NewerSchema(f"{kind} of schema {schema}: this version reads up to {SCHEMA}; update it first")


def kind_of(raw: bytes) -> str:
    """The kind that bytes of ours begin with; "" where they begin otherwise, whatever they hold."""
    kind = _KIND.match(raw)
    return kind[1].decode() if kind else ""


def encode(kind: str, id: str, at: int, body: Body) -> bytes:
    """The bytes of one message from its parts; `id` must be deterministic, for receivers drop what they know by it."""
    return orjson.dumps({"kind": kind, "id": id, "at": at, "schema": SCHEMA, **body}, default=vars)


def decode(raw: bytes, load: Callable[[bytes], Any] = orjson.loads) -> Body:
    """The message in `raw`; Refused where it is none, NewerSchema where we are too old to read it.

    `load`: JSON into what it says, by a way that knows what came before.
    """
    if len(raw) > LARGEST:
        raise Refused(f"message of {len(raw)} bytes: split it, the bound is {LARGEST}")
    try:
        message: Any = load(raw)
    except orjson.JSONDecodeError as why:
        raise Refused(f"message is not JSON: {why}") from None
    if not isinstance(message, dict) or not isinstance(cast(Body, message).get("kind"), str):
        raise Refused("message has no `kind`: it must be a JSON object with the text field `kind`")
    known = cast(Body, message)
    schema = known.get("schema", SCHEMA)
    if not isinstance(schema, int):
        raise Refused(f"`schema` must be a whole number, not {schema!r}")
    if schema > SCHEMA:
        raise _newer(known["kind"], schema)
    return known


def field(message: Body, name: str, kind: type | tuple[type, ...]) -> Any:
    """The value of a required field; Refused names the field and what it should hold."""
    value = message.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        wanted = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
        raise Refused(f"{message.get('kind')}: `{name}` must be {wanted}, not {value!r:.60}")
    return value
