"""The saved form of a detector: numbers in a fixed order, lengths, a version and a checksum; never pickle.

    version (1 byte), CRC-32 of the rest (4), numbers and the largest surprises lately to each side (8 each,
    little-endian doubles; what follows is singles),
    visits of the day's and the week's slots (1 byte each), values of the visited slots,
    remembered values (1 byte count, then numbers) of each novelty, dismissals (1 byte count, then int64)

Every number is checked for being finite and in its range, so that nothing that loads can fail later; whatever does not
read back raises `DamagedState`, and its owner starts that series cold. A restored detector goes on bit for bit.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from zlib import crc32

from streams.errors import DamagedState
from tables.anomaly.config import SLOTS
from tables.anomaly.detector import AnomalyDetector
from tables.anomaly.novelty import Novelty
from tables.anomaly.options import SHIPPED, Options
from tables.anomaly.season import OFTEN, WEEK_SLOTS, Shape

VERSION = 5
BIG = sys.byteorder == "big"
MOST = 1e40
INSTANT = 1e15
Range = tuple[float, float]
ANY: Range = (-MOST, MOST)
SIZE: Range = (0.0, MOST)
COUNT: Range = (0.0, INSTANT)
WHEN: Range = (-INSTANT, INSTANT)
Place = tuple[Any, str, Range]

OWN: tuple[tuple[str, Range], ...] = (
    ("rows", COUNT), ("at", WHEN), ("lived", COUNT), ("since", WHEN), ("smooth", ANY), ("origin", ANY),
    ("_value", ANY), ("_expected", ANY), ("_spread", SIZE), ("_surprise", (-1e6, 1e6)),
)  # fmt: skip
INSIDE: dict[str, tuple[tuple[str, Range], ...]] = {
    "signal": (("at", WHEN), ("last", ANY), ("smooth", ANY), ("started", (0.0, 1.0))),
    "levels": (
        ("slow", ANY), ("slow_scale", SIZE), ("fast", ANY), ("fast_scale", SIZE), ("last", ANY), ("step_scale", SIZE),
    ),
    "drift": (("mean", ANY), ("scale", SIZE)),
    "season": (
        ("scale", SIZE), ("day_error", SIZE), ("week_error", SIZE), ("slot", (-1.0, WEEK_SLOTS - 1.0)),
        ("count", COUNT), ("total", ANY), ("total_error", SIZE),
    ),
    "rest": (("since", WHEN),),
    "hold": (("since", WHEN),),
    "habit": (("at", WHEN), ("times", COUNT)),
}  # fmt: skip
OF_CALIBRATION = (
    ("level", (-1e6, 1e6)), ("deviation", (0.0, 1e6)), ("blocks", COUNT), ("block", WHEN), ("top", (-1e9, 1e6)),
)  # fmt: skip
OF_NOVELTY = (("low", ANY), ("high", ANY), ("last", ANY))
INTEGERS = frozenset({"rows", "at", "lived", "since", "slot", "count", "block"})


def encode(detector: AnomalyDetector) -> bytes:
    """The detector as bytes, one to three kilobytes."""
    numbers = array("d", [getattr(owner, name) for owner, name, _ in places(detector)])
    season = detector.season
    parts = [little(numbers), little(detector.rest.tops)]
    parts += [bytes(season.by_day.visits), bytes(season.by_week.visits)]
    parts += [little(known(season.by_day.value, season.by_day)), little(known(season.noise, season.by_day))]
    parts.append(little(known(season.by_week.value, season.by_week)))
    parts += [bytes([len(each.values)]) + little(each.values) for each in novelties(detector)]
    parts.append(bytes([len(detector.bar.dismissals)]) + little(detector.bar.dismissals))
    body = b"".join(parts)
    return struct.pack("<BI", VERSION, crc32(body)) + body


def decode(saved: bytes, options: Options = SHIPPED) -> AnomalyDetector:
    """The detector that was saved, with these options; raises DamagedState, whatever the bytes are."""
    if len(saved) < 5 or saved[0] != VERSION:
        raise DamagedState("an anomaly model of another version")
    if crc32(saved[5:]) != struct.unpack_from("<I", saved, 1)[0]:
        raise DamagedState("an anomaly model whose checksum does not match")
    detector = AnomalyDetector(options)
    reader = Reader(saved, 5)
    read_numbers(reader, detector)
    detector.rest.keep(reader.take("d", len(detector.rest.tops)))
    read_season(reader, detector)
    for novelty in novelties(detector):
        read_novelty(reader, novelty)
    detector.bar.dismissals = reader.take("q", reader.byte(detector.bar.REMEMBERED))
    if reader.at != len(saved):
        raise DamagedState("an anomaly model with more bytes than it should have")
    for calibration in detector.scales.calibrations:
        calibration.settle()
    return detector


class Reader:
    """Takes checked pieces off saved bytes."""

    def __init__(self, saved: bytes, at: int) -> None:
        self.saved, self.at = saved, at

    def bytes(self, count: int) -> bytes:
        """The next bytes."""
        piece = self.saved[self.at : self.at + count]
        if len(piece) < count:
            raise DamagedState("an anomaly model that ends too early")
        self.at += count
        return piece

    def byte(self, most: int) -> int:
        """The next byte as a count."""
        count = self.bytes(1)[0]
        if count > most:
            raise DamagedState(f"an anomaly model with {count} entries where {most} fit")
        return count

    def take(self, code: str, count: int) -> array[Any]:
        """The next numbers of that type code, each finite and not absurdly large."""
        numbers: array[Any] = array(code)
        numbers.frombytes(self.bytes(numbers.itemsize * count))
        if BIG:  # pragma: no cover
            numbers.byteswap()
        if not all(-MOST <= number <= MOST for number in numbers):
            raise DamagedState("an anomaly model with a number out of range")
        return numbers


def read_numbers(reader: Reader, detector: AnomalyDetector) -> None:
    """Set every single number, checked against its range."""
    wanted = list(places(detector))
    for (owner, name, (low, high)), number in zip(wanted, reader.take("d", len(wanted)), strict=True):
        if not low <= number <= high:
            raise DamagedState(f"an anomaly model whose {name} is {number}")
        if name in INTEGERS and number != int(number):
            raise DamagedState(f"an anomaly model whose {name} is not whole")
        setattr(owner, name, int(number) if name in INTEGERS else number)
    detector.signal.started = bool(detector.signal.started)


def read_season(reader: Reader, detector: AnomalyDetector) -> None:
    """Set the shapes of day and week."""
    season = detector.season
    for shape, slots in ((season.by_day, SLOTS), (season.by_week, WEEK_SLOTS)):
        shape.visits = bytearray(reader.bytes(slots))
        if max(shape.visits) > OFTEN:
            raise DamagedState("an anomaly model with too many visits")
    spread(reader, season.by_day.value, season.by_day)
    spread(reader, season.noise, season.by_day)
    spread(reader, season.by_week.value, season.by_week)
    if min(season.noise) < 0.0 or (season.slot < 0) != (detector.rows == 0):
        raise DamagedState("an anomaly model with an impossible season")
    season.settle()


def read_novelty(reader: Reader, novelty: Novelty) -> None:
    """Set the remembered values, which are sorted."""
    values = reader.take("f", reader.byte(novelty.limit))
    if (
        not values
        or any(later < earlier for earlier, later in pairwise(values))
        or novelty.low > novelty.high
    ):
        raise DamagedState("an anomaly model whose memory is empty, not sorted, or of no range")
    novelty.values = values


def places(detector: AnomalyDetector) -> Iterator[Place]:
    """Every single number of a detector: whose it is, its name, its range."""
    yield from ((detector, name, bounds) for name, bounds in OWN)
    for inside, names in INSIDE.items():
        yield from ((getattr(detector, inside), name, bounds) for name, bounds in names)
    for calibration in detector.scales.calibrations:
        yield from ((calibration, name, bounds) for name, bounds in OF_CALIBRATION)
    for novelty in novelties(detector):
        yield from ((novelty, name, bounds) for name, bounds in OF_NOVELTY)


def novelties(detector: AnomalyDetector) -> tuple[Novelty, Novelty, Novelty]:
    """The three memories, in the order in which they are saved."""
    return detector.new_value, detector.new_smooth, detector.new_deviation


def known(values: array[float], shape: Shape) -> array[float]:
    """The values of the visited slots only."""
    return array("f", [value for value, visits in zip(values, shape.visits, strict=True) if visits])


def spread(reader: Reader, values: array[float], shape: Shape) -> None:
    """Put saved values back into the visited slots."""
    slots = [slot for slot, visits in enumerate(shape.visits) if visits]
    for slot, value in zip(slots, reader.take("f", len(slots)), strict=True):
        values[slot] = value


def little(numbers: array[Any]) -> bytes:
    """The numbers as little-endian bytes."""
    if BIG:  # pragma: no cover
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return numbers.tobytes()
