"""Synthetic gateway traffic with known incidents: the third score, on data that nobody could have tuned for.

`write(folder, seed)` makes labelled series of the six kinds of signal in the layout of the labelled sets (one CSV per
series, `labels.json`, `kinds.json`), so that the same scorer reads them. Rates follow a daily and a weekly season;
incidents are dips, drops to zero, surges, slow ramps and lost seasons; a deploy that moves the level for good is listed
under `once`, where one alert is neither right nor wrong. Every number follows from the seed.

    python -m tests.bench.anomaly.traffic OUT --seed 7
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]
KINDS = ("rate", "errors", "latency", "counter", "queue", "saturation")
DAYS, STEP, PROBATION = 28, 300, 0.15
ROWS = DAYS * 86_400 // STEP
HOUR = 3600 // STEP


@dataclass
class Shape:
    """What happens to one series: a factor and an offset per row, rows whose season is lost, the labels of it all."""

    factor: Floats = field(default_factory=lambda: np.ones(ROWS))
    offset: Floats = field(default_factory=lambda: np.zeros(ROWS))
    flat: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(ROWS, bool))
    windows: list[list[int]] = field(default_factory=list)
    once: list[list[int]] = field(default_factory=list)


Incident = Callable[[Generator, Shape, int], int]


def scaled(low: float, high: float, shortest: float, longest: float) -> Incident:
    """An incident that multiplies the level by something in [low, high] for some hours."""

    def happen(rng: Generator, shape: Shape, start: int) -> int:
        rows = max(int(rng.uniform(shortest, longest) * HOUR), 2)
        shape.factor[start : start + rows] *= rng.uniform(low, high)
        return rows

    return happen


def ramp(low: float, high: float, shortest: float, longest: float) -> Incident:
    """An incident that bends the level slowly towards a multiple of itself and then ends at once."""

    def happen(rng: Generator, shape: Shape, start: int) -> int:
        rows = int(rng.uniform(shortest, longest) * HOUR)
        shape.factor[start : start + rows] *= np.linspace(1.0, rng.uniform(low, high), rows)
        return rows

    return happen


def raised(low: float, high: float, shortest: float, longest: float, slow: bool = False) -> Incident:
    """An incident that adds to the level, at once or growing."""

    def happen(rng: Generator, shape: Shape, start: int) -> int:
        rows = max(int(rng.uniform(shortest, longest) * HOUR), 2)
        height = rng.uniform(low, high)
        shape.offset[start : start + rows] += np.linspace(0.0, height, rows) if slow else height
        return rows

    return happen


def lost_season(rng: Generator, shape: Shape, start: int) -> int:
    """The daily shape is gone for most of a day: the level stays at its mean."""
    rows = int(rng.uniform(14, 24) * HOUR)
    shape.flat[start : start + rows] = True
    return rows


TRAFFIC_INCIDENTS: tuple[Incident, ...] = (
    scaled(0.0, 0.02, 0.5, 2),
    scaled(0.6, 0.75, 2, 4),
    scaled(0.3, 0.5, 1, 3),
    scaled(1.8, 3.0, 1, 3),
    ramp(0.35, 0.5, 6, 10),
    lost_season,
)
INCIDENTS: dict[str, tuple[Incident, ...]] = {
    "rate": TRAFFIC_INCIDENTS,
    "counter": TRAFFIC_INCIDENTS,
    "errors": (raised(0.1, 0.6, 0.5, 2), raised(0.05, 0.1, 3, 5), raised(0.3, 0.6, 2, 4, slow=True)),
    "latency": (scaled(2, 5, 0.5, 3), scaled(1.5, 1.9, 2, 4), ramp(2.5, 4, 5, 9)),
    "queue": (raised(40, 400, 1, 3, slow=True), raised(30, 100, 0.5, 2)),
    "saturation": (raised(0.35, 0.7, 1, 3), raised(0.4, 0.7, 12, 24, slow=True), scaled(0.0, 0.1, 0.5, 2)),
}
DEPLOYS = {"rate": (1.3, 1.7), "counter": (1.3, 1.7), "latency": (1.2, 1.5), "saturation": (1.15, 1.3)}


def season(rng: Generator, flat: NDArray[np.bool_]) -> Floats:
    """The usual shape of a gateway's load: a broad working day, a second harmonic, quieter weekends; mean near 1."""
    hours = np.arange(ROWS) / HOUR
    angle = 2 * np.pi * (hours - rng.uniform(8, 16)) / 24
    swing = rng.uniform(0.3, 0.75)
    shape = 1 + swing * np.cos(angle) + 0.25 * swing * np.cos(2 * angle + rng.uniform(0, 6))
    weekend = (np.floor(hours / 24) % 7) >= 5
    shape = np.where(weekend, rng.uniform(0.4, 0.95) * shape, shape)
    return np.where(flat, 1.0, np.maximum(shape, 0.02))


def wander(rng: Generator, size: float) -> Floats:
    """A slow random factor around 1, as real load has: half an hour of memory."""
    noise = rng.normal(0, size, ROWS)
    out = np.empty(ROWS)
    state = 0.0
    for row in range(ROWS):
        state = 0.85 * state + noise[row] * 0.53
        out[row] = state
    return np.exp(out)


def load(rng: Generator, shape: Shape, low: float, high: float) -> Floats:
    """Expected requests per step, between `low` and `high` on average."""
    level = np.exp(rng.uniform(np.log(low), np.log(high)))
    return np.asarray(level * season(rng, shape.flat) * wander(rng, 0.08) * shape.factor)


def rate(rng: Generator, shape: Shape) -> Floats:
    """Requests per step."""
    return rng.poisson(load(rng, shape, 5, 3000)).astype(float)


def counter(rng: Generator, shape: Shape) -> Floats:
    """A running total of requests that starts again at zero whenever a process restarts."""
    total = np.cumsum(rate(rng, shape))
    for restart in np.sort(rng.choice(ROWS, rng.integers(2, 7), replace=False)):
        total[restart:] -= total[restart]
    return total


def errors(rng: Generator, shape: Shape) -> Floats:
    """Failed calls over all calls per step; at night there are few calls, so one failure is a large ratio."""
    calls = rng.poisson(load(rng, Shape(), 8, 400))
    share = np.clip(np.exp(rng.uniform(np.log(0.001), np.log(0.02))) + shape.offset, 0, 1)
    return rng.binomial(calls, share) / np.maximum(calls, 1)


def latency(rng: Generator, shape: Shape) -> Floats:
    """A high quantile of call durations in milliseconds: log-normal with a heavy tail, a little season."""
    base = np.exp(rng.uniform(np.log(20), np.log(2000)))
    busy = season(rng, shape.flat) ** 0.15
    return np.asarray(base * busy * wander(rng, 0.08) * np.exp(0.06 * rng.standard_t(4, ROWS)) * shape.factor)


def queue(rng: Generator, shape: Shape) -> Floats:
    """The depth of a queue: mostly near empty, filling a little when the load is high."""
    usual = np.exp(rng.uniform(np.log(0.5), np.log(8)))
    usually = usual * season(rng, shape.flat) ** 2 * wander(rng, 0.25)
    return np.asarray(rng.poisson(usually + usual * shape.offset / 4), float)


def saturation(rng: Generator, shape: Shape) -> Floats:
    """The used share of something limited, between 0 and 1."""
    base = rng.uniform(0.15, 0.45)
    used = base * (0.7 + 0.3 * season(rng, shape.flat)) * wander(rng, 0.04) * shape.factor + shape.offset
    return np.clip(used + rng.normal(0, 0.01, ROWS), 0, 1)


MAKERS = {
    "rate": rate,
    "errors": errors,
    "latency": latency,
    "counter": counter,
    "queue": queue,
    "saturation": saturation,
}


def plan(rng: Generator, kind: str) -> Shape:
    """Incidents at least a day and a half apart after the probation, and for some kinds one deploy between them."""
    shape = Shape()
    first, slots = int(ROWS * PROBATION) + 24 * HOUR, int(rng.integers(3, 7))
    span = (ROWS - first) // (slots + 1)
    deploy = int(rng.integers(0, slots + 1)) if kind in DEPLOYS and rng.random() < 0.6 else -1
    for slot in range(slots + 1):
        start = first + slot * span + int(rng.integers(0, max(span - 36 * HOUR, 1)))
        if slot == deploy:
            shape.factor[start:] *= rng.uniform(*DEPLOYS[kind])
            shape.once.append([start, min(start + 24 * HOUR, ROWS - 1)])
            continue
        choices = INCIDENTS[kind]
        rows = choices[int(rng.integers(len(choices)))](rng, shape, start)
        shape.windows.append([start, min(start + rows + HOUR, ROWS - 1)])
    return shape


def series(seed: int, each: int = 4) -> Iterator[tuple[str, str, Floats, Shape]]:
    """Name, kind, values and what happened, for `each` series of every kind."""
    rng = np.random.default_rng(seed)
    for kind in KINDS:
        for number in range(each):
            shape = plan(rng, kind)
            yield f"traffic/{kind}-{number:02d}.csv", kind, MAKERS[kind](rng, shape), shape


def write(folder: Path, seed: int, each: int = 4) -> None:
    """Write the series of one seed with their labels and kinds below `folder`."""
    labels, kinds = {}, {}
    start = datetime(2001, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    for name, kind, values, shape in series(seed, each):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["timestamp", "value"])
            rows.writerows(
                (start + timedelta(seconds=STEP * row), value) for row, value in enumerate(values.tolist())
            )
        kinds[name] = kind
        labels[name] = {
            "rows": ROWS,
            "probation": int(ROWS * PROBATION),
            "windows": shape.windows,
            "once": shape.once,
        }
    (folder / "labels.json").write_text(json.dumps({"format": 1, "series": labels}), encoding="utf-8")
    (folder / "kinds.json").write_text(json.dumps(kinds), encoding="utf-8")


if __name__ == "__main__":
    ask = argparse.ArgumentParser(description="Writes synthetic gateway traffic with labels.")
    ask.add_argument("out", type=Path)
    ask.add_argument("--seed", type=int, required=True)
    ask.add_argument("--each", type=int, default=4, help="series of every kind")
    args = ask.parse_args()
    write(args.out, args.seed, args.each)
