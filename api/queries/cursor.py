"""Where a page of a list ended: the sort key of its last entry, opaque to who sends it back."""

from __future__ import annotations

import base64
from typing import NamedTuple

import orjson

from streams.codes import RefusalCode
from streams.errors import Refused

FOREIGN = "`cursor` is not one that this list gave: begin without it"
RANKS, LATEST, LONGEST = 3, 1 << 53, 200  # severities; ms; characters of an id


class Cursor(NamedTuple):
    """The place after one alert in the order: severity's rank, then newest, then id."""

    rank: int
    at: int
    id: str

    def spell(self) -> str:
        """The text that goes into `next_cursor`."""
        return base64.urlsafe_b64encode(orjson.dumps(list(self))).decode().rstrip("=")


def read(text: str) -> Cursor:
    """The inverse of `spell`; Refused where the text is no cursor of ours, whatever else it may be."""
    try:
        rank, at, id_ = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError):
        raise Refused(FOREIGN, RefusalCode.MALFORMED) from None
    known = type(rank) is int and type(at) is int and type(id_) is str  # True is an int as well
    if not known or not (0 <= rank < RANKS and 0 <= at < LATEST and len(id_) <= LONGEST and "\0" not in id_):
        raise Refused(FOREIGN, RefusalCode.MALFORMED)
    return Cursor(rank, at, id_)
