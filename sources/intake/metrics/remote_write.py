"""Prometheus remote write 1.0: a WriteRequest as frames of samples. Pure.

A scrape is a frame: Prometheus gives all that it read of a target at once the same instant. So the source is the target
(`prometheus/job/instance`), and the gateway is the label `gateway`, else the job, where the sender names none.

Stale markers are gaps: the series has no value in that frame. Exemplars, metadata and native histograms are passed
over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

from sources.intake.metrics import wire
from sources.intake.metrics.pushed import VALUES, PushedFrames, named
from sources.intake.metrics.pushed_sources import PushedSources, PushOrigin
from streams.codes import RefusalCode
from streams.errors import Refused
from streams.telemetry.series import spell

TIMESERIES = 1  # of a WriteRequest
LABELS, SAMPLES, HISTOGRAMS = 1, 2, 4  # of a TimeSeries
NAME, GATEWAY = "__name__", "gateway"
JOB, INSTANCE = "job", "instance"
_METRIC, _LABEL = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*"), re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_DOUBLE = Struct("<d")
_PAIR: wire.WireShape = {1: wire.WireField("name", "text"), 2: wire.WireField("value", "text")}
WEIGHT = 4_000  # bytes of the labels of one series


class WrittenSeries(NamedTuple):
    """One series: its text and its origin; or the reason why it cannot be taken."""

    series: str
    origin: PushOrigin
    wrong: str = ""


class WriteRead(NamedTuple):
    """What a request came to.

    `wrong`: the first reason why series were not taken, `refused`: how many; `histograms`: native ones.
    """

    frames: PushedFrames
    wrong: str
    refused: int
    histograms: int


def read(raw: bytes, gateway: str, sources: PushedSources, now: int) -> WriteRead:
    """The frames of a WriteRequest. `gateway`: whose all of it is, "" where labels say it; `now`: ms UTC."""
    frames, wrong = PushedFrames(now, sources), ""
    refused = histograms = looked_at = 0
    for tag, kind, begin, end in wire.fields(raw, 0, len(raw)):
        if tag != TIMESERIES:
            continue
        if kind != wire.BYTES:
            raise wire.refused("`timeseries` is no message")
        labels, values, native, count = _split(raw, begin, end)
        histograms, looked_at = histograms + native, looked_at + count
        if looked_at > wire.FIELDS:
            raise _too_much()
        written = _written(labels, gateway)
        if written.wrong:
            wrong, refused = wrong or written.wrong, refused + 1
            continue
        for at, value in values:
            frames.add(written.origin, at, written.series, value)
    return WriteRead(frames, wrong, refused, histograms)


def _too_much() -> Refused:
    return Refused(f"a request holds at most {VALUES} values: send less at once", RefusalCode.TOO_LARGE)


def _split(raw: bytes, begin: int, end: int) -> tuple[bytes, list[tuple[int, float]], int, int]:
    """Of a TimeSeries the bytes of its labels, its samples, how many native histograms it has, and how many fields."""
    labels: list[bytes] = []
    values: list[tuple[int, float]] = []
    native, last, count = 0, begin, 0
    for tag, kind, at, after in wire.fields(raw, begin, end):
        count += 1
        if count > VALUES:
            raise _too_much()
        if tag == LABELS and kind == wire.BYTES:
            labels.append(raw[last:after])
        elif tag == SAMPLES and kind == wire.BYTES:
            values.append(_sample(raw, at, after))
        elif tag == HISTOGRAMS:
            native += 1
        last = after
    return b"".join(labels), values, native, count


def _sample(raw: bytes, begin: int, end: int) -> tuple[int, float]:
    at, value = 0, 0.0
    for tag, kind, place, _ in wire.fields(raw, begin, end):
        if (tag, kind) == (1, wire.FIXED64):
            value = _DOUBLE.unpack_from(raw, place)[0]
        elif (tag, kind) == (2, wire.VARINT):
            at = wire.signed(wire.number(raw, place)[0])
    return at, value


@lru_cache(maxsize=16_384)
def _written(raw: bytes, gateway: str) -> WrittenSeries:
    """Labels come alike request after request: their text is made once."""
    nobody = PushOrigin("", "")
    if len(raw) > WEIGHT:
        return WrittenSeries("", nobody, f"a series has labels of more than {WEIGHT} bytes")
    pairs = [
        wire.WireReader(raw[begin:end]).message(_PAIR) for _, _, begin, end in wire.fields(raw, 0, len(raw))
    ]
    labels = {pair.get("name", ""): pair.get("value", "") for pair in pairs}
    name = labels.pop(NAME, "")
    if not _METRIC.fullmatch(name):
        return WrittenSeries("", nobody, f"{name!r:.60} is no name of a metric (label `__name__`)")
    if len(labels) + 1 != len(pairs):
        return WrittenSeries("", nobody, f"a series of {name!r:.60} has a label twice")
    if odd := next((label for label in labels if not _LABEL.fullmatch(label)), ""):
        return WrittenSeries("", nobody, f"{odd!r:.60} is no name of a label (of {name!r:.60})")
    return WrittenSeries(spell(name, _others(labels)), _origin(labels, gateway))


def _others(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels that the text of a series has: every series belongs to a gateway, which is not repeated."""
    return {label: value for label, value in labels.items() if value and label != GATEWAY}


def _origin(labels: Mapping[str, str], gateway: str) -> PushOrigin:
    job, instance = labels.get(JOB, ""), labels.get(INSTANCE, "")
    place = "/".join(part for part in ("prometheus", job or "rules", instance) if part)
    return PushOrigin(named(gateway or labels.get(GATEWAY) or job or "prometheus"), named(place))
