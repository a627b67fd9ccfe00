"""A trial of a rule over a day of one gateway as Kafka keeps it: how long, how many samples a second, how it tells.

The records are in memory; everything else is what `tocsin rules test --last 24h` does, in this process and on one core.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from api.trials.recorded.recording import RecordedSpan, Take
from api.trials.trial import Report
from api.trials.trial_task import RecordedInputs, TrialRun, carried_out
from sources.bridge.frames import Frames
from streams.settings import Settings
from streams.topics import DAY
from tests.bench.load import Load, head, name, rules
from tests.bench.machine import START
from tests.bench.options import Options

EVERY = 15_000  # ms between two polls of a bridge
END = START + DAY
SHAPES = ("last", "avg", "ratio")


def measure(options: Options) -> dict[str, Any]:
    """By shape of the rule that is tried: it reads a hundredth of the series."""
    load = Load(1, options.series)
    records = list(_records(load))
    samples = len(records) * load.series
    return {"samples": samples, "series": load.series} | {
        shape: _tried(records, rules(shape)[1], samples) for shape in SHAPES
    }


def _records(load: Load) -> Iterator[tuple[int, bytes]]:
    frames, texts = Frames(name(0)), [(head(0, 0.0) + load.tail(0, turn)).decode() for turn in range(12)]
    for number in range(DAY // EVERY):
        at = START + number * EVERY
        for raw in frames.scraped("bench", at, texts[number % len(texts)]):
            yield at, raw


def _tried(records: list[tuple[int, bytes]], rule: dict[str, Any], samples: int) -> dict[str, Any]:
    told: list[float] = []

    def reader(settings: Settings, wanted: RecordedSpan, take: Take, report: Report) -> None:
        for number, (at, raw) in enumerate(records):
            take(at, name(0), raw)
            if number % 100 == 0:
                report(number / len(records))

    inputs = RecordedInputs(reader, Settings(), RecordedSpan(name(0), START, END))
    began, spent = time.monotonic(), time.process_time()

    def report(_: float) -> None:
        told.append(time.monotonic() - began)

    outcome = carried_out(TrialRun(("rule", rule), [], inputs), report)
    spent = time.process_time() - spent
    gaps = [after - before for before, after in zip([0.0, *told], told, strict=False)]
    return {
        "seconds": round(time.monotonic() - began, 2),
        "cpu_seconds": round(spent, 2),
        "samples_per_cpu_second": round(samples / spent),
        "longest_without_progress_s": round(max(gaps), 2),
        "inputs": outcome.inputs,
    }
