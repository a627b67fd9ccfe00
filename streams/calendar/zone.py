"""Time zones by their IANA names (from the tzdata package: the same on every host), and local time as an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from streams.errors import Refused
from streams.text.nearest import nearest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_START = _EPOCH.replace(tzinfo=None)  # as UTC's clock shows it
_MILLISECOND = timedelta(milliseconds=1)


@cache
def names() -> tuple[str, ...]:
    """Every IANA name, sorted."""
    return tuple(sorted((files("tzdata") / "zones").read_text().split()))


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name; Refused says the nearest names."""
    if name not in names():
        near = nearest(name, names(), 2) or [full for full in names() if name and name in full][:2]
        hint = f"did you mean {' or '.join(near)}?" if near else "write for instance Europe/Berlin or UTC"
        raise Refused(f"{name!r:.60} is no IANA time zone: {hint}")
    with files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def instant(local: datetime, place: ZoneInfo) -> int:
    """A local time as ms UTC: what clocks skip in spring is shifted forward; of what they repeat the first counts."""
    offset = local.replace(tzinfo=place, fold=0).utcoffset()
    assert offset is not None
    return (local - offset - _START) // _MILLISECOND


def local_time(at: int, place: ZoneInfo) -> datetime:
    """What the clocks of a zone show at an instant, ms UTC."""
    return (_EPOCH + at * _MILLISECOND).astimezone(place).replace(tzinfo=None)
