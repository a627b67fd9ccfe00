"""What one series costs: CPU per sample, bytes saved, memory resident."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from typing import Any

import numpy as np

from tables.anomaly.codec import decode, encode
from tables.anomaly.detector import AnomalyDetector
from tests.bench.anomaly.traffic import STEP, series

ROWS = 8_000
RESIDENT = 24


def measured(seed: int = 7) -> dict[str, Any]:
    """Everything about cost, on synthetic traffic of all kinds (each compared as it is)."""
    signals = [values[:ROWS].tolist() for _, _, values, _ in series(seed)]
    spent, sizes = [], []
    for values in signals:
        detector, instants = AnomalyDetector(), range(0, len(values) * STEP * 1000, STEP * 1000)
        before = time.process_time()
        for at, value in zip(instants, values, strict=True):
            detector.step(at, value)
        spent.append((time.process_time() - before) / len(values) * 1e6)
        sizes.append(len(encode(detector)))
    resident = memory(signals)
    return {
        "CPU us per sample": round(statistics.median(spent), 1),
        "CPU us per empty call, for scale": round(empty_call(), 3),
        "saved bytes, median": int(statistics.median(sizes)),
        "saved bytes, p99": int(np.percentile(sizes, 99)),
        "resident bytes per series": int(resident),
        "series per GB": int(2**30 / resident),
        **codec(signals[0]),
    }


def memory(signals: list[list[float]]) -> float:
    """Bytes that a detector holds after a while, all objects counted."""
    gc.collect()
    tracemalloc.start()
    held = []
    for values in signals[:RESIDENT]:
        detector = AnomalyDetector()
        for row, value in enumerate(values[:4_000]):
            detector.step(row * STEP * 1000, value)
        held.append(detector)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / len(held)


def codec(values: list[float]) -> dict[str, float]:
    """Microseconds to save and to restore one series."""
    detector = AnomalyDetector()
    for row, value in enumerate(values[:4_000]):
        detector.step(row * STEP * 1000, value)
    saved, times = encode(detector), 200
    before = time.process_time()
    for _ in range(times):
        encode(detector)
    between = time.process_time()
    for _ in range(times):
        decode(saved)
    after = time.process_time()
    return {
        "encode us": round((between - before) / times * 1e6),
        "decode us": round((after - between) / times * 1e6),
    }


def empty_call() -> float:
    """Microseconds of a call that does nothing: how fast this machine is at the moment."""

    def nothing(at: int, value: float) -> None:
        pass

    before = time.process_time()
    for each in range(200_000):
        nothing(each, 0.0)
    return (time.process_time() - before) / 200_000 * 1e6
