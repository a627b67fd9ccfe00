"""Stock River models on the same series, one row at a time, with the duplicate suppression that suits them best.

Their scores say nothing about when to be quiet, so a score passes only if it beats everything of the last eight hours:
without such a rest they do far worse. NaN and infinity become finite on the way.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any

from river import anomaly, preprocessing, stats

from api.cli.verbs.score import opened

Scorer = Callable[[float], float]
REST = 8 * 3600.0


def loda() -> Scorer:
    """LODA on value, change and the change of a smoothed value, with 20 cuts."""
    model: Any = anomaly.LODA(n_random_cuts=20, seed=1)
    last, smooth = 0.0, 0.0

    def score(value: float) -> float:
        nonlocal last, smooth
        smooth += 0.1 * (value - smooth)
        row = {"value": value, "change": value - last, "lead": value - smooth}
        last = value
        found = float(model.score_one(row))
        model.learn_one(row)
        return found

    return score


def deviation() -> Scorer:
    """StandardAbsoluteDeviation around the median, which is not known before the first value."""
    model: Any = anomaly.StandardAbsoluteDeviation(sub_stat=stats.Quantile(0.5))

    known = False

    def score(value: float) -> float:
        nonlocal known
        found = abs(float(model.score_one(None, value))) if known else 0.0
        known = True
        model.learn_one(None, value)
        return found

    return score


def half_space_trees() -> Scorer:
    """HalfSpaceTrees with 10 trees on the value, scaled by its range so far."""
    scale: Any = preprocessing.MinMaxScaler()
    model: Any = anomaly.HalfSpaceTrees(n_trees=10, seed=1)

    def score(value: float) -> float:
        row = {"value": value}
        scale.learn_one(row)
        scaled = scale.transform_one(row)
        found = float(model.score_one(scaled))
        model.learn_one(scaled)
        return found

    return score


MODELS: dict[str, Callable[[], Scorer]] = {
    "LODA, 3 features, 20 cuts": loda,
    "StandardAbsoluteDeviation": deviation,
    "HalfSpaceTrees, 10 trees": half_space_trees,
}


def score_folder_with(name: str, source: Path, target: Path) -> None:
    """Score every series of a folder with a stock model, and our rest of eight hours."""
    for path in sorted([*source.rglob("*.csv"), *source.rglob("*.csv.gz")]):
        out = target / path.relative_to(source).as_posix().removesuffix(".gz")
        out.parent.mkdir(parents=True, exist_ok=True)
        score, recent = MODELS[name](), deque[tuple[float, float]]()
        with opened(path) as rows, out.open("w", newline="", encoding="utf-8") as file:
            table, write = csv.reader(rows), csv.writer(file, lineterminator="\n")
            write.writerow([*next(table), "score"])
            for stamp, value in table:
                at = datetime.fromisoformat(stamp).timestamp()
                write.writerow([stamp, value, repr(rested(score(float(value)), at, recent))])


def rested(found: float, at: float, recent: deque[tuple[float, float]]) -> float:
    """The score if it is larger than everything of the last eight hours, else less than any score."""
    while recent and recent[0][1] < at - REST:
        recent.popleft()
    passes = not recent or found > recent[0][0]
    while recent and recent[-1][0] <= found:
        recent.pop()
    recent.append((found, at))
    return found if passes and isfinite(found) else -1e9
