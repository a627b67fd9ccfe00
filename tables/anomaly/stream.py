"""A recorded series through the public detector, one row at a time: what `tocsin score` prints.

The score of a row is given out before the next row is asked for, so nothing can look ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from math import inf

from streams.errors import Refused
from tables.anomaly.config import THRESHOLD
from tables.anomaly.detector import AnomalyDetector
from tables.anomaly.kind import Kind
from tables.anomaly.options import Options

__all__ = ["THRESHOLD", "instant", "kind_named", "scores"]
EPOCH, MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
HERE = EPOCH.replace(tzinfo=None)  # where no zone is said
SECONDS_END = 1e11  # epoch numbers below it are seconds, others milliseconds


def scores(rows: Iterable[tuple[str, str]], kind: str | None = None) -> Iterator[float]:
    """The score of each (timestamp, value) row; an empty or unreadable value counts as a gap and scores 0.

    `kind` is one of the metric kinds, or None where nothing is known. Raises Refused for an unreadable timestamp.
    """
    detector = AnomalyDetector(Options(kind=kind_named(kind)))
    for stamp, value in rows:
        yield detector.step(instant(stamp), number(value)).score


def kind_named(name: str | None) -> Kind:
    """The kind of that name; one that is not known is compared as it is."""
    return next((kind for kind in Kind if kind.value == name), Kind.GAUGE)


def instant(text: str) -> int:
    """A timestamp as milliseconds since the epoch: `2014-04-01 00:05:00`, ISO 8601 with or without a zone, or a number.

    Without a zone it is UTC. Numbers below 1e11 are seconds.
    """
    plain = text.strip()
    try:
        if plain[4:5] != "-":
            epoch = float(plain)
            return int(epoch * 1000.0 if abs(epoch) < SECONDS_END else epoch)
        at = datetime.fromisoformat(plain)
    except (ValueError, OverflowError) as error:
        raise Refused(f"not a timestamp: {text!r}; write 2014-04-01 00:05:00") from error
    return (at - (EPOCH if at.tzinfo else HERE)) // MILLISECOND


def number(text: str) -> float:
    """The value of a cell, infinite where it holds none."""
    try:
        return float(text)
    except ValueError:
        return inf
