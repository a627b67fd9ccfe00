"""The saved form of a model: a table of numbers, then what there are several of, then the detector's own bytes.

    version (1 byte), CRC-32 of the rest (4), the numbers of FIELDS,
    intervals (1 byte count, then int64), means (1 byte count, then members, origin, instant), the trail, the detector

Every number is checked for being finite and in its range; whatever does not read back raises `DamagedState`.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

from streams.documents.conditions.condition_fields import CALM
from streams.errors import DamagedState
from tables.anomaly import codec
from tables.anomaly.surprise import PARTS
from tables.detect.anomaly.anomaly import ENDS
from tables.detect.anomaly.anomaly_target import AnomalyTarget
from tables.detect.anomaly.means import KEPT, Mean
from tables.detect.anomaly.model import RECENT, Model
from tables.detect.anomaly.recent_points import RecentPoints

VERSION = 4
INSTANT = 10**15
MEMBERS = 2**63 - 1


class Field(NamedTuple):
    """A number of a model: where it is, its name, its type (q whole, d real, B small, ? truth), and its range."""

    of: str
    name: str
    type: str
    least: float
    most: float


FIELDS = (
    Field("model", "begun", "q", -INSTANT, INSTANT),
    Field("model", "heard", "q", -INSTANT, INSTANT),
    Field("model", "spoke", "q", -INSTANT, INSTANT),
    Field("model", "count", "q", 0, INSTANT),
    Field("model", "members", "q", 0, MEMBERS),
    Field("model", "total", "d", -codec.MOST, codec.MOST),
    Field("model", "score", "d", 0.0, 1.0),
    Field("model", "expected", "d", -codec.MOST, codec.MOST),
    Field("model", "lately", "d", -codec.MOST, codec.MOST),
    Field("model", "part", "B", 0, len(PARTS) - 1),
    Field("model", "other", "?", False, True),
    Field("model", "few", "?", False, True),
    Field("means", "first", "q", 0, MEMBERS),
    Field("anomaly", "open", "?", False, True),
    Field("anomaly", "inner", "?", False, True),
    Field("anomaly", "opened", "q", -INSTANT, INSTANT),
    Field("anomaly", "since", "q", -INSTANT, INSTANT),
    Field("anomaly", "peak", "d", 0.0, 1.0),
    Field("anomaly", "furthest", "d", 0.0, codec.MOST),
    Field("anomaly", "calm", "B", 0, CALM),
    Field("anomaly", "ended", "B", 0, len(ENDS) - 1),
)
_SEAL = struct.Struct("<BI")
_FIELDS = struct.Struct("<" + "".join(field.type for field in FIELDS))
_MEAN = struct.Struct("<qdq")


def encode(model: Model) -> bytes:
    """All of it."""
    model.saved = model.saved or codec.encode(model.detector)
    means = [_MEAN.pack(*mean) for mean in model.means.kept]
    parts = [_FIELDS.pack(*(getattr(owner, field.name) for owner, field in _places(model)))]
    parts += [bytes([len(model.intervals)]), codec.little(array("q", model.intervals))]
    parts += [bytes([len(means)]), *means, model.trail.encode(), model.saved]
    body = b"".join(parts)
    return _SEAL.pack(VERSION, crc32(body)) + body


def decode(saved: bytes, subject: AnomalyTarget) -> Model:
    """The model that was saved, with its options of now; raises DamagedState, whatever the bytes are."""
    if len(saved) < _SEAL.size or saved[0] != VERSION:
        raise DamagedState("a model of another version, or none")
    if _SEAL.unpack_from(saved)[1] != crc32(saved[_SEAL.size :]):
        raise DamagedState("a model whose checksum does not match")
    model, reader = Model(subject), codec.Reader(saved, _SEAL.size)
    _read_fields(reader, model)
    model.intervals = _intervals(reader)
    model.means.kept = tuple(_mean(reader) for _ in range(reader.byte(KEPT)))
    model.trail, at = RecentPoints.decode(saved, reader.at)
    model.detector = codec.decode(saved[at:], subject.options)
    model.saved = saved[at:] if list(model.detector.bar.dismissals) == list(subject.dismissed) else b""
    model.hear()
    return model


def _places(model: Model) -> Iterator[tuple[object, Field]]:
    owners = {"model": model, "means": model.means, "anomaly": model.anomaly}
    return ((owners[field.of], field) for field in FIELDS)


def _read_fields(reader: codec.Reader, model: Model) -> None:
    numbers = _FIELDS.unpack(reader.bytes(_FIELDS.size))
    for (owner, field), number in zip(_places(model), numbers, strict=True):
        if not field.least <= number <= field.most:
            raise DamagedState(f"a model whose {field.name} is {number}")
        setattr(owner, field.name, number)


def _intervals(reader: codec.Reader) -> tuple[int, ...]:
    intervals = tuple(reader.take("q", reader.byte(RECENT)))
    if not all(0 < interval <= INSTANT for interval in intervals):
        raise DamagedState("a model with an interval out of range")
    return intervals


def _mean(reader: codec.Reader) -> Mean:
    mean = Mean(*_MEAN.unpack(reader.bytes(_MEAN.size)))
    fine = mean.members > 0 and abs(mean.origin) <= codec.MOST and abs(mean.left) <= INSTANT
    if not fine:
        raise DamagedState(f"a model with a mean out of range: {mean}")
    return mean
