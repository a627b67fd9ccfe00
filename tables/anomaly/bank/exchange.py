"""One series moves between a bank and a detector, at any row, and goes on as if nothing had happened."""

from __future__ import annotations

from copy import copy

from tables.anomaly.bank.bank import Bank
from tables.anomaly.detector import AnomalyDetector
from tables.anomaly.novelty import Novelty


def take(bank: Bank, series: int, detector: AnomalyDetector) -> None:
    """Take over one series from a detector with the same options."""
    for name, column in (bank.number | bank.instant).items():
        column[series] = (
            getattr(getattr(detector, name[0]), name[1])
            if isinstance(name, tuple)
            else getattr(detector, name)
        )
    bank.seasons.take(series, detector.season)
    bank.rests.take(series, detector.rest)
    for memory, novelty in zip(bank.memories, memories(detector), strict=True):
        memory.take(series, novelty)
    for scale, calibration in zip(bank.scales, detector.scales.calibrations, strict=True):
        scale.take(series, calibration)
    bank.signals.of[series] = detector.signal
    bank.bars.pop(series, None)
    if detector.bar.dismissals:
        bank.bars[series] = detector.bar


def give(bank: Bank, series: int) -> AnomalyDetector:
    """The detector of one series, to be saved, explained or stepped alone; the bank keeps its own copy."""
    detector = AnomalyDetector(bank.options)
    for name, column in (bank.number | bank.instant).items():
        owner, field = (getattr(detector, name[0]), name[1]) if isinstance(name, tuple) else (detector, name)
        setattr(owner, field, column[series].item())
    bank.seasons.give(series, detector.season)
    bank.rests.give(series, detector.rest)
    for memory, novelty in zip(bank.memories, memories(detector), strict=True):
        memory.give(series, novelty)
    for scale, calibration in zip(bank.scales, detector.scales.calibrations, strict=True):
        scale.give(series, calibration)
    detector.signal = copy(bank.signals.of[series])
    detector.bar.dismissals = (
        bank.bars[series].dismissals[:] if series in bank.bars else detector.bar.dismissals
    )
    return detector


def memories(detector: AnomalyDetector) -> tuple[Novelty, Novelty, Novelty]:
    """The memories of one detector, in the bank's order."""
    return detector.new_value, detector.new_smooth, detector.new_deviation
