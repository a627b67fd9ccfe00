"""Where a page of a list ended: the sort key of its last entry, opaque to who sends it back."""

from __future__ import annotations

import base64
from typing import NamedTuple

import orjson

from streams.errors import Refused


class Cursor(NamedTuple):
    """The place after one alert in the order: severity's rank, then newest, then id."""

    rank: int
    at: int
    id: str

    def spell(self) -> str:
        """The text that goes into `next_cursor`."""
        return base64.urlsafe_b64encode(orjson.dumps(list(self))).decode().rstrip("=")


def read(text: str) -> Cursor:
    """The inverse of `spell`; Refused where the text is no cursor of ours."""
    try:
        rank, at, id_ = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        raise Refused("`cursor` is not one that this list gave: begin without it") from None
    if not (isinstance(rank, int) and isinstance(at, int) and isinstance(id_, str)):
        raise Refused("`cursor` is not one that this list gave: begin without it")
    return Cursor(rank, at, id_)
