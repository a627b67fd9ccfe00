r"""Samples travel in columns: one batch is one part of a frame of one source of one gateway.

    {"kind": "samples", "gateway": "prod-eu", "source": "bridge/metrics", "at": 1764000000000, "part": [0, 2],
     "series": ["http_requests_total{status=\"200\"}", …], "values": [17.0, …]}

A series is its metric and its labels, whatever their order; its canonical text, in Prometheus exposition form with
sorted labels, is found once per list of series, so that a sample costs one look-up. The parts of one (source, at) are
a frame; `part` is [index, count].

A batch may say which list it has by its name, `layout` (`streams.telemetry.layout`), instead of `series`, where one
with both came before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import zip_longest
from typing import NamedTuple, TypeVar

import orjson

from streams.errors import Refused, Unlisted
from streams.messages.envelope import NAME, Body, encode, field
from streams.telemetry.layout import check_list, check_name
from streams.telemetry.part_text import PartText

PART = 2_000  # series in one batch: about 150 kB, far below the largest message
WEIGHT = 400_000  # bytes of their text as JSON: with PART values it is still below the largest message
PARTS = 4_096  # of one frame, at most
T = TypeVar("T")
START = "process_start_time_seconds"


class Batch(NamedTuple):
    """One part of a frame. `at`: ms UTC; `series` and `values` are columns of equal length.

    `layout`: the name of `series`, "" where it has none; `tells`: whether the batch itself held both.
    """

    gateway: str
    source: str
    at: int
    part: int
    parts: int
    series: Sequence[str]
    values: list[float | None]
    layout: str = ""
    tells: bool = False


Lists = Callable[[str, str, int, str], Sequence[str] | None]  # gateway, source, part, name → its list


def _nothing_known(*_: object) -> None:
    """What a reader knows that has met no list."""


def read(message: Body, lists: Lists = _nothing_known) -> Batch:
    """The columns of a decoded `samples` message; Refused names the field that is wrong.

    `lists`: the list of a batch that only names it; Unlisted where it is not known.
    """
    values = field(message, "values", list)
    layout = check_name(message["layout"]) if "layout" in message else ""
    if "series" in message or not layout:
        series: Sequence[str] = field(message, "series", list)
        _equal(series, values)
        gateway, source = _name(message, "gateway"), _name(message, "source")
        if layout:
            check_list(layout, series)
        at, (part, parts) = field(message, "at", int), _part(message)
        return Batch(gateway, source, at, part, parts, series, values, layout, bool(layout))
    gateway, source = _name(message, "gateway"), _name(message, "source")
    at, (part, parts) = field(message, "at", int), _part(message)
    known = lists(gateway, source, part, layout)
    if known is None:
        raise Unlisted(gateway, source)
    _equal(known, values)
    return Batch(gateway, source, at, part, parts, known, values, layout)


def _equal(series: Sequence[str], values: Sequence[object]) -> None:
    if len(series) != len(values):
        raise Refused(
            f"samples: `series` has {len(series)} entries, `values` has {len(values)}: they are columns of one table"
        )


def _name(message: Body, name: str) -> str:
    value: str = field(message, name, str)
    if not NAME.fullmatch(value):
        raise Refused(f"samples: `{name}` must be 1 to 256 characters without `|`, not {value!r:.60}")
    return value


def _part(message: Body) -> tuple[int, int]:
    match message.get("part", [0, 1]):
        case [int(index), int(count)] if not isinstance(index, bool) and 0 <= index < count <= PARTS:
            return index, count
        case other:
            raise Refused(f"samples: `part` must be [index, count], count at most {PARTS}, not {other!r:.60}")


class Shape:
    """The series of a source, cut into messages and spelled as JSON once: from frame to frame only values change."""

    def __init__(self, series: Sequence[str], before: Shape | None = None) -> None:
        """`series`: texts, in the order of the values to come; they may not change afterwards. `parts`: as sent.

        `before`: the shape that the source had; what was told of parts that are the same is not told anew.
        """
        self.series = series
        self._first = _late(series)
        series = _ordered(series, self._first)
        self._cuts = list(_cuts(series))
        texts = [PartText(series[cut]) for cut in self._cuts]
        known = zip_longest(texts, before.parts[: len(texts)] if before else ())
        self.parts: list[PartText] = [text.again(old) for text, old in known]

    def frame(self, gateway: str, source: str, at: int, values: Sequence[float]) -> Iterator[bytes]:
        """A whole frame as messages of at most PART series and WEIGHT bytes of their text each, in order."""
        values = _ordered(values, self._first)
        for k, (cut, text) in enumerate(zip(self._cuts, self.parts, strict=True)):
            body: Body = {
                "gateway": gateway,
                "source": source,
                "part": [k, len(self._cuts)],
                **text.columns(at),
                "values": values[cut],
            }
            yield encode("samples", f"{gateway}/{source}/{at}/{k}", at, body)


def _late(series: Sequence[str]) -> int:
    """Where the process start time stands, if behind the first part; else 0: it says how to read all counters."""
    place = series.index(START) if len(series) > 1 and START in series else 0
    return place if place >= next(_cuts(series)).stop else 0


def _ordered(column: Sequence[T], first: int) -> Sequence[T]:
    return [column[first], *column[:first], *column[first + 1 :]] if first else column


def frame(
    gateway: str, source: str, at: int, series: Sequence[str], values: Sequence[float]
) -> Iterator[bytes]:
    """One frame of series that need not come again; see `Shape`."""
    return Shape(series).frame(gateway, source, at, values)


def open_frame(
    gateway: str, source: str, at: int, series: Sequence[str], values: Sequence[float]
) -> Iterator[tuple[str, bytes]]:
    """Some series of a frame whose others may come later, or not, as messages, each with its id.

    Readers wait for more, or for the next frame: each message calls itself the first of two, so that none completes it.
    """
    for cut in _cuts(series):
        texts = series[cut]
        mark = sha256("\n".join(texts).encode(errors="replace")).hexdigest()[:16]
        body: Body = {
            "gateway": gateway,
            "source": source,
            "part": [0, 2],
            "series": texts,
            "values": values[cut],
        }
        id = f"{gateway}/{source}/{at}/{mark}"
        yield id, encode("samples", id, at, body)


def _cuts(series: Sequence[str]) -> Iterator[slice]:
    """Where parts begin and end; a series that is heavier than a part may be stands alone."""
    begin = weight = 0
    for end, text in enumerate(series):
        own = len(orjson.dumps(text)) + 1
        if end > begin and (end - begin == PART or weight + own > WEIGHT):
            yield slice(begin, end)
            begin, weight = end, 0
        weight += own
    yield slice(begin, len(series))
