"""How values are spread: deviations and quantiles of windows, and of histograms that a gateway exposes."""

from __future__ import annotations

import numpy as np

from streams.limit import NOISE
from tables.detect.columns import Array

STDDEV = "stddev"
QUANTILE, HISTOGRAM = "quantile ", "histogram "  # of samples, of buckets; the share follows


def share(function: str) -> float | None:
    """The share of a function that is a quantile; None of others."""
    name, _, text = function.partition(" ")
    return float(text) if text and name in (QUANTILE.strip(), HISTOGRAM.strip()) else None


def joined(amounts: Array, counts: Array, squares: Array) -> Array:
    """Standard deviations of windows from the sums, numbers and squared deviations of their buckets. [n, k] → [n]."""
    number = counts.sum(axis=1)
    full = np.where(number > 0, number, 1.0)
    mean = amounts.sum(axis=1) / full
    own = amounts / np.where(counts > 0, counts, 1.0)
    between = counts * (own - mean[:, None]) ** 2
    spread = np.sqrt((squares.sum(axis=1) + between.sum(axis=1)) / full)
    return np.asarray(np.where(spread <= NOISE * np.abs(own).max(axis=1), 0.0, spread))


def of_samples(q: float, amounts: Array, counts: Array) -> Array:
    """Quantiles of windows, each bucket standing for as many values as it got, all at their mean. [n, k] → [n]."""
    means = np.where(counts > 0, amounts / np.where(counts > 0, counts, 1.0), np.inf)
    order = np.argsort(means, axis=1, kind="stable")
    means = np.take_along_axis(means, order, axis=1)
    upto = np.cumsum(np.take_along_axis(counts, order, axis=1), axis=1)
    rank = q * np.maximum(upto[:, -1] - 1, 0)
    below, above = np.floor(rank), np.ceil(rank)
    low, high = (_at(means, upto, place) for place in (below, above))
    known = upto[:, -1] > 0
    with np.errstate(invalid="ignore"):
        return np.where(known, low + np.where(known, high - low, 0.0) * (rank - below), np.nan)


def _at(values: Array, upto: Array, place: Array) -> Array:
    """The value at a place, counted from nought, where each stands for several; `upto`: how many up to it."""
    first = np.argmax(upto > place[:, None], axis=1)
    return np.asarray(np.take_along_axis(values, first[:, None], axis=1)[:, 0])


def of_buckets(q: float, bounds: Array, amounts: Array) -> float:
    """The quantile of one histogram, as Prometheus finds it; NaN without observations, or without a last bucket.

    `bounds`: upper ends, of several series perhaps; `amounts`: how many observations lay at or below each.
    """
    ends = np.unique(bounds)
    places = np.searchsorted(ends, bounds)
    upto: Array = np.bincount(places, weights=amounts, minlength=len(ends))
    upto = np.maximum.accumulate(upto)
    if not len(ends) or not np.isposinf(ends[-1]) or upto[-1] <= 0 or len(ends) < 2:
        return float("nan")
    rank = float(q * upto[-1])
    bucket = int(np.searchsorted(upto, rank, side="left"))
    if bucket >= len(ends) - 1:
        return float(ends[-2])
    if bucket == 0 and ends[0] <= 0:
        return float(ends[0])
    low, before = (float(ends[bucket - 1]), float(upto[bucket - 1])) if bucket else (0.0, 0.0)
    inside = float(upto[bucket]) - before
    return low + (float(ends[bucket]) - low) * ((rank - before) / inside if inside > 0 else 1.0)
