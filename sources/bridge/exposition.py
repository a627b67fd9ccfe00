"""Prometheus text exposition, as a gateway serves it, into two columns: texts of series and values.

    http_requests_total{handler="/rpc",status="200"} 5.0   →   'http_requests_total{handler="/rpc",status="200"}', 5.0

Written for speed, since every sample of every gateway passes here. A text that differs from the one before in
nothing but values costs its values; else all blocks between comments are cut by three calls that run
in C; where that fails each block is tried for itself, and only what fails then is read line by line. The text
of a series stays as the gateway spells it.
Format: prometheus.io/docs/instrumenting/exposition_formats, 0.0.4.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from itertools import compress
from typing import NamedTuple

import orjson

from streams.errors import Refused

_NUMERIC = str.maketrans("", "", "0123456789+-.eE, \t\r")  # and what JSON passes over
_CREATED = "_created"  # the birth of a counter: half of all lines, and nobody asks for it
_SERIES = r'[a-zA-Z_:][a-zA-Z0-9_:]*[ \t]*(?:\{[^"{}]*(?:"[^"\\]*(?:\\.[^"\\]*)*"[^"{}]*)*\})?'
_LINE = re.compile(rf"[ \t]*({_SERIES})[ \t]+(\S+)(?:[ \t]+-?\d+(?:\.\d+)?)?[ \t\r]*(?:# .*)?")
_WHOLE = re.compile(_SERIES)
_TITLE = re.compile(r"<title[^>]*>\s*([^<]{1,80})", re.I)


class Columns(NamedTuple):
    """One scrape: `series[i]` has the value `values[i]`."""

    series: list[str]
    values: list[float]


class Template(NamedTuple):
    """The lines of an exposition: what samples say before their value, and what others say as a whole.

    `length`: characters of the text without its values; −1 where no other text fits.
    """

    beginnings: list[str]
    samples: list[bool]
    others: list[bool]
    length: int


class Exposition:
    """Reads one gateway's expositions, one after the other; a series is looked at closely only where it is new."""

    def __init__(self) -> None:
        """A new one has seen nothing."""
        self._seen: list[str] = []
        self._template = Template([], [], [], -1)
        self._births = False  # whether `_created` lines stand among the others, as OpenMetrics puts them

    def read(self, text: str) -> Columns:
        """The samples in `text`, without `_created` lines, NaN and timestamps.

        Infinities become the largest floats, since JSON has none. Refused names what came instead of an
        exposition, or the first line that is wrong. While series stay the same, so does the list that holds them.
        """
        if again := self._again(text):
            return again
        if not text.strip() or text.lstrip()[0] == "<":
            raise Refused(
                f"this is {_described(text)}, not a Prometheus exposition: is the address a gateway's?"
            )
        columns = self._columns(list(_blocks(text)))
        if not columns.series:
            raise Refused("this is an exposition without a single sample: has the gateway just started?")
        if columns.series != self._seen and self._look(columns.series):
            self._births = True
            return self.read(text)
        self._template = _template(text, self._seen)
        return Columns(self._seen, columns.values)

    def _again(self, text: str) -> Columns | None:
        """The columns of a text with the lines of the one before, but for its values; None where it is another.

        A line that begins otherwise is left whole, so that the length of all that is left tells of it.
        """
        lines, template = text.split("\n"), self._template
        if template.length < 0 or len(lines) != len(template.beginnings):
            return None
        rests = list(map(str.removeprefix, lines, template.beginnings))
        words = ",".join(compress(rests, template.samples))
        left = len(words) - len(self._seen) + 1  # without the commas
        if left != len(text) - template.length or any(compress(rests, template.others)):
            return None
        values = _numbers(words, len(self._seen))
        return None if values is None else Columns(self._seen, values)

    def _columns(self, blocks: list[str]) -> Columns:
        """All blocks at once where that can be, as it nearly always can; else each for itself."""
        if blocks and not self._births and (whole := _at_once("".join(blocks))):
            return whole
        columns = Columns([], [])
        for block in blocks:
            part = (None if self._births else _at_once(block)) or _by_line(block)
            columns.series.extend(part.series)
            columns.values.extend(part.values)
        return columns

    def _look(self, series: list[str]) -> bool:
        """Look at the series that are new; whether births are among them. Refused where one is no series."""
        for text in set(series).difference(self._seen):
            if not _WHOLE.fullmatch(text):
                raise Refused(f"{text!r:.80} is not a series: is this a Prometheus exposition?")
            if _is_birth(text):
                return True
        self._seen = series
        return False


def _blocks(text: str) -> Iterator[str]:
    """What stands between comments; families that only say when a counter was born are left out."""
    start, at, born = 0, text.find("#"), False
    while at >= 0:
        if at == 0 or text[at - 1] == "\n":
            if at > start and not born:
                yield text[start:at]
            start = text.find("\n", at) + 1 or len(text)
            words = text[at:start].split(None, 3)
            born = words[1:2] == ["TYPE"] and len(words) > 2 and words[2].endswith(_CREATED)
            at = start - 1
        at = text.find("#", at + 1)
    if start < len(text) and not born:
        yield text[start:]


def _template(text: str, series: list[str]) -> Template:
    """Where the samples of these series stand in the text; one that fits no other text where they cannot be told."""
    lines, left = text.split("\n"), iter(series)
    beginnings, samples, wanted = list[str](), list[bool](), next(left, None)
    for line in lines:
        samples.append(wanted is not None and line.startswith(f"{wanted} "))
        beginnings.append(f"{wanted} " if samples[-1] else line)
        wanted = next(left, None) if samples[-1] else wanted
    length = sum(map(len, beginnings)) + len(lines) - 1
    return Template(beginnings, samples, [not sample for sample in samples], length if wanted is None else -1)


def _is_birth(series: str) -> bool:
    return series.partition("{")[0].rstrip().endswith(_CREATED)


def _at_once(block: str) -> Columns | None:
    """All lines of a block, if each is a series, one space and a number of JSON's; else None."""
    words = block.replace("\n", " ").split(" ")
    if not words[-1]:
        words.pop()
    if len(words) != 2 * block.count("\n") + 2 * (block[-1] != "\n"):
        return None
    values = _numbers(",".join(words[1::2]), len(words) // 2)
    return None if values is None else Columns(words[0::2], values)


def _numbers(words: str, count: int) -> list[float] | None:
    """So many words, with commas between them, as numbers, if each is one that JSON knows."""
    if words.translate(_NUMERIC):  # `true`, a text or a list are JSON as well
        return None
    try:
        values: list[float] = orjson.loads(f"[{words}]")
    except orjson.JSONDecodeError:
        return None
    return values if len(values) == count else None


def _by_line(block: str) -> Columns:
    """The slow and thorough way: blanks in labels, timestamps, NaN, infinities and exemplars."""
    columns = Columns([], [])
    for line in block.split("\n"):
        if not line or line.isspace():
            continue
        match = _LINE.fullmatch(line)
        if not match:
            raise Refused(f"{line!r:.80} is not a line of a Prometheus exposition")
        value = _number(match[2], line)
        series = match[1].rstrip()
        if not math.isnan(value) and not _is_birth(series):
            columns.series.append(series)
            columns.values.append(value)
    return columns


def _number(word: str, line: str) -> float:
    try:
        value = float(word)
    except ValueError:
        raise Refused(
            f"{line!r:.80} is not a line of a Prometheus exposition: {word!r:.30} is no number"
        ) from None
    return math.copysign(sys.float_info.max, value) if math.isinf(value) else value


def _described(text: str) -> str:
    head = text.strip()[:4000]
    if not head:
        return "an empty page"
    title = _TITLE.search(head)
    if title or head.lower().startswith(("<!doctype html", "<html")):
        return f"an HTML page ({title[1].strip()})" if title else "an HTML page"
    return f"text that begins with {head[:40]!r}"
