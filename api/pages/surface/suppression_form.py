"""The fields of a form for a silence or a window in, the document's fields out; clocks are those of the reader."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from api import instant
from streams.calendar import instant as instants
from streams.calendar.zone import instant as instant_in
from streams.calendar.zone import local_time
from streams.documents.document import PLATFORM
from streams.errors import Refused


def silence_body(fields: Mapping[str, str], who: str, now: int, place: ZoneInfo) -> dict[str, str]:
    """The fields of a silence. `who`: its owner where none is said; `now`: ms UTC; `place`: the reader's zone."""
    starts = fields.get("starts", "")
    begin = clock(starts, place, "starts") if starts else now
    body = {
        "name": fields.get("name") or named("silence", now),
        "team": fields.get("team") or PLATFORM,
        "covers": fields.get("covers", ""),
        "ends": instant.spell(_end(fields, begin, place)) or "",
        "owner": fields.get("owner") or who,
        "reason": fields.get("reason", ""),
    }
    return body | ({"starts": instant.spell(begin) or ""} if starts else {})


def _end(fields: Mapping[str, str], begin: int, place: ZoneInfo) -> int:
    if until := fields.get("until"):
        return clock(until, place, "until")
    if not (lasts := fields.get("lasts")):
        raise Refused("`lasts` is empty: write how long, for instance 2h, or until when")
    return begin + instant.length(lasts, "lasts")


def window_body(fields: Mapping[str, str], now: int, place: ZoneInfo) -> dict[str, str]:
    """The fields of a maintenance window, whose clocks are the reader's where no zone is named."""
    body = {
        "name": fields.get("name") or named("window", now),
        "team": fields.get("team") or PLATFORM,
        "covers": fields.get("covers", ""),
        "starts": fields.get("starts", "").replace("T", " "),
        "lasts": fields.get("lasts", ""),
        "time_zone": fields.get("time_zone") or place.key,
        "reason": fields.get("reason", ""),
    }
    again = {name: fields[name] for name in ("repeats", "rrule") if name in fields}
    return body | again


def named(kind: str, now: int) -> str:
    """A name that tells documents of one kind apart: when they were made, in UTC, and a few signs by chance."""
    return f"{kind}-{local_time(now, ZoneInfo('UTC')):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def clock(text: str, place: ZoneInfo, field: str) -> int:
    """What the reader's clocks show as an instant, ms UTC; Refused names the field."""
    try:
        return instant_in(instants.local(text), place)
    except Refused as why:
        raise Refused(f"`{field}`: {why}") from None
