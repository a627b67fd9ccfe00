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
    order = np.argsort(means, axis=1)  # in whatever order equal ones come, the result is the same
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


def of_buckets(shares: Array, of: Array, bounds: Array, amounts: Array) -> Array:
    """Quantiles of histograms, as Prometheus finds them; NaN without observations, or without a last bucket.

    `shares`: by histogram; `of`: which one each bucket is of; `bounds`: upper ends, NaN of what is no bucket;
    `amounts`: how many observations lay at or below each. Buckets of one histogram with the same end are added.
    """
    known = ~np.isnan(bounds)
    of, bounds, amounts = of[known], bounds[known], amounts[known]
    order = np.lexsort((bounds, of))
    of, bounds, amounts = of[order], bounds[order], amounts[order]
    new = np.ones(len(of), dtype=bool)
    new[1:] = (np.diff(of) != 0) | (bounds[1:] != bounds[:-1])
    starts = np.flatnonzero(new)
    number = np.bincount(of[starts], minlength=len(shares))
    row, place = of[starts], np.arange(len(starts)) - (np.cumsum(number) - number)[of[starts]]
    ends = np.full((len(shares), int(number.max(initial=0)) + 1), np.inf)
    upto = np.full(ends.shape, -np.inf)
    ends[row, place] = bounds[starts]
    upto[row, place] = np.bincount(np.cumsum(new) - 1, weights=amounts, minlength=len(starts))
    return _quantile(shares, number, ends, np.maximum.accumulate(upto, axis=1))


def _quantile(shares: Array, number: Array, ends: Array, upto: Array) -> Array:
    """By histogram, from the upper ends of so many buckets and how many observations lay at or below each. [n, k]."""
    every = np.arange(len(shares))
    last = np.maximum(number - 1, 0)
    full = (number >= 2) & np.isposinf(ends[every, last]) & (upto[every, last] > 0)
    rank = np.where(full, shares * np.where(full, upto[every, last], 0.0), 0.0)
    bucket = np.minimum(np.sum(upto < rank[:, None], axis=1), last)
    before = np.maximum(bucket - 1, 0)
    low = np.where(bucket > 0, ends[every, before], 0.0)
    under = np.where(bucket > 0, upto[every, before], 0.0)
    high, inside = ends[every, bucket], upto[every, bucket] - under
    within = full & (bucket < last)
    part = np.where(inside > 0, (rank - under) / np.where(inside > 0, inside, 1.0), 1.0)
    values = low + (np.where(within, high, low) - low) * part
    values = np.where((bucket == 0) & (ends[:, 0] <= 0), ends[:, 0], values)
    values = np.where(within, values, ends[every, np.maximum(number - 2, 0)])
    return np.where(full, values, np.nan)
