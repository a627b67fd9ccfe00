"""An Idempotency-Key with a digest of what was asked under it, so that a repeat is told from another command.

The same is asked where method, path, `If-Match` and body are the same, in whatever order the body has its fields.
It is the request that counts, never what becomes of it: a repeat is one also when the document has changed since.
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple
from uuid import uuid4

import orjson

from streams.errors import Refused


class IdempotencyKey(NamedTuple):
    """The key as it was sent; `digest` of the request, keyed, since a request may hold secrets."""

    id: str
    digest: str


def asked(method: str, path: str, match: str, body: bytes) -> bytes:
    """What a request asks for, to be digested."""
    with suppress(ValueError, TypeError):  # no JSON, or too deep for it: then each byte counts
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    return b"\0".join((method.encode(), path.encode(), match.encode(), body))


def identified(key: IdempotencyKey | None) -> IdempotencyKey:
    """The command's key: the Idempotency-Key where there is one, else a new one."""
    if key is None:
        return IdempotencyKey(str(uuid4()), "")
    if not (8 <= len(key.id) <= 100 and key.id.isascii() and key.id.isprintable() and " " not in key.id):
        raise Refused("Idempotency-Key must be 8 to 100 visible ASCII characters, such as a UUID")
    return key
