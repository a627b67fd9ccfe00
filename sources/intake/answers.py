"""What somebody did about a group of alerts at a provider, and how the provider proves that it says so. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

import orjson

from streams.errors import Refused

LONGEST = 100  # characters of a person's name
_SCALES = ((1e11, 1e3), (1e14, 1.0), (1e20, 1e-6))  # below so much it is seconds, ms, ns
_KEY = re.compile(r"[0-9a-f]{32}")


class ProviderAnswer(NamedTuple):
    """One thing that a person did there. `key`: of the group (`streams.channels.way_back.group_key`).

    `id`: the same for a repeat. `at`: ms UTC, None where the provider does not say: what fired later was not meant,
    however late a repeat comes.
    """

    do: Literal["acknowledge", "resolve", "escalate"]
    key: str
    by: str
    id: str
    at: int | None


def is_key(text: Any) -> bool:
    """Whether a text can name a group of ours: providers have alerts of others too."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


def same(expected: str, given: str) -> bool:
    """Whether two texts are equal, found in a time that tells nothing of where they differ."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape"))


def hexadecimal(secret: str, content: bytes) -> str:
    """HMAC-SHA256 of a content in hexadecimal digits."""
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def object_of(raw: bytes) -> Mapping[str, Any]:
    """The JSON object in a body; Refused where it is none."""
    try:
        body: Any = orjson.loads(raw)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Refused("the body is no JSON object")
    return cast(Mapping[str, Any], body)


def inner(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object in a field, an empty one where there is none."""
    value = body.get(name)
    return cast(Mapping[str, Any], value) if isinstance(value, dict) else {}


def instant(value: Any) -> int | None:
    """Ms UTC of an instant in RFC 3339, or in seconds, ms or ns since 1970; None where it is none."""
    try:
        if isinstance(value, str) and "T" in value:
            at = datetime.fromisoformat(value)
            return None if at.tzinfo is None else int(at.timestamp() * 1_000)
        number = float(value)
        scale = next(scale for most, scale in _SCALES if number < most)
    except (ValueError, TypeError, OverflowError, StopIteration):
        return None
    return int(number * scale) if number > 0 else None


def person(name: Any, provider: str) -> str:
    """Who it was, as timelines show it: `anna by PagerDuty`."""
    text = " ".join("".join(filter(str.isprintable, name)).split())[:LONGEST] if isinstance(name, str) else ""
    return f"{text or 'somebody'} by {provider}"
