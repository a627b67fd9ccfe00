"""Saved models: bit for bit the same after a restart; whatever else is in the bytes raises DamagedState."""

from __future__ import annotations

import struct
from functools import cache
from math import nan
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.errors import DamagedState
from tables.anomaly.codec import VERSION, decode, encode
from tables.anomaly.detector import AnomalyDetector
from tables.anomaly.kind import Kind
from tables.anomaly.options import Options
from tests.tables.anomaly.signals import DAY, daily, feed, noise

KINDS = st.sampled_from(list(Kind))


@cache
def saved() -> bytes:
    """A model that has seen two and a half days and some feedback."""
    detector = AnomalyDetector()
    feed(detector, daily(5 * DAY // 2))
    detector.bar.heighten(detector.at)
    return encode(detector)


def sealed(body: bytes) -> bytes:
    """Bytes with a checksum that is right."""
    return struct.pack("<BI", VERSION, crc32(body)) + body


@given(cut=st.integers(0, 700), kind=KINDS)
@settings(max_examples=25, deadline=None)
def test_a_restart_anywhere_changes_no_bit(cut: int, kind: Kind) -> None:
    """Verdicts and the next save are the same as without the restart."""
    values = [*daily(350), *noise(350, seed=2, level=300.0)]
    straight = AnomalyDetector(Options(kind=kind))
    feed(straight, values[:cut])
    restarted = decode(encode(straight), Options(kind=kind))
    assert feed(restarted, values[cut:], first=cut) == feed(straight, values[cut:], first=cut)
    assert encode(restarted) == encode(straight)


@given(at=st.integers(0, 10**6), bit=st.integers(0, 7))
@settings(deadline=None)
def test_a_flipped_bit_is_noticed(at: int, bit: int) -> None:
    """No single flip loads."""
    damaged = bytearray(saved())
    damaged[at % len(damaged)] ^= 1 << bit
    with pytest.raises(DamagedState):
        decode(bytes(damaged))


@given(body=st.binary(max_size=3000))
@settings(deadline=None)
def test_arbitrary_bytes_are_refused(body: bytes) -> None:
    """Neither plain nor with a right checksum do arbitrary bytes raise anything else."""
    for candidate in (body, sealed(body)):
        with pytest.raises(DamagedState):
            decode(candidate)


@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8))
@settings(max_examples=150, deadline=None)
def test_what_loads_also_works(changes: list[tuple[int, int]]) -> None:
    """Bytes that were changed before the checksum was made are refused, or load and judge without an exception."""
    body = bytearray(saved()[5:])
    for at, byte in changes:
        body[at % len(body)] = byte
    try:
        detector = decode(sealed(bytes(body)))
    except DamagedState:
        return
    assert all(0.0 <= each.score <= 1.0 for each in feed(detector, noise(40), first=5 * DAY // 2))


@pytest.mark.parametrize("number", [nan, float("inf"), -1.0, 0.5])
def test_a_number_out_of_its_range_is_refused(number: float) -> None:
    """The first number is a count of rows: whole, finite and not negative."""
    with pytest.raises(DamagedState):
        decode(sealed(struct.pack("<d", number) + saved()[13:]))


def test_a_range_upside_down_is_refused() -> None:
    """A lowest value above the highest one would make scales that nothing can be divided by."""
    detector = AnomalyDetector()
    feed(detector, noise(100))
    detector.new_value.low, detector.new_value.high = detector.new_value.high, detector.new_value.low
    with pytest.raises(DamagedState, match="of no range"):
        decode(encode(detector))


def test_saved_models_are_small() -> None:
    """Four weeks of a lively series take less than six kilobytes."""
    detector = AnomalyDetector()
    feed(detector, daily(28 * 24, size=30.0), step=3_600_000)
    assert len(encode(detector)) < 6_000
