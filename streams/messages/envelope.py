"""The envelope that every message shares, and its bytes on the wire.

A message is one flat JSON object: `kind` says what it is, `id` names it for ever, `at` is its event
time, `schema` the version of its shape; the rest is its body. Instants are integers: milliseconds
since 1970 in UTC, as Kafka itself counts them, so that every machine reckons exactly.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import orjson

from streams.errors import NewerSchema, Refused

SCHEMA = 1
LARGEST = 512 * 1024  # bytes of one message; senders split what is larger
NAME = re.compile(r"[^|\x00-\x1f]{1,256}")  # of a gateway or a source; `|` is ours, to join names with

Body = dict[str, Any]


def encode(kind: str, id: str, at: int, body: Body) -> bytes:
    """The bytes of one message; `id` must be deterministic, for receivers drop what they know by it."""
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
        raise NewerSchema(
            f"{known['kind']} of schema {schema}: this version reads up to {SCHEMA}; update it first"
        )
    return known


def field(message: Body, name: str, kind: type | tuple[type, ...]) -> Any:
    """The value of a required field; Refused names the field and what it should hold."""
    value = message.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        wanted = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
        raise Refused(f"{message.get('kind')}: `{name}` must be {wanted}, not {value!r:.60}")
    return value
