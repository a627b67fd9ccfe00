"""Differences of large numbers, freed from what floats of their magnitude add to them.

A counter of a million that grows by 0.02 seems to grow by 0.0200000000186: its float has some sixteen digits, and the
first of them cancel out. What is beyond the fifteenth digit of the number itself is no growth.
"""

from __future__ import annotations

import numpy as np

from streams.limit import NOISE
from tables.detect.columns import Array, some

KEPT = 14  # decimals of a number that begins with its units
POWERS: Array = np.array([float(f"1e{power}") for power in range(23)])  # larger ones are no floats


def freed(differences: Array, magnitude: Array) -> Array:
    """The decimals that differences stand for; `magnitude`: of the larger number that each is a difference of.

    Whole numbers stay as they are, and so do differences of what is too large or too small to have such decimals.
    """
    broken = differences != np.rint(differences)
    if not some(broken):
        return differences
    exponent = np.frexp(np.where(np.isfinite(magnitude), magnitude, 0.0))[1].astype(np.int64) - 1
    # by whole numbers: a logarithm is not the same on all machines
    decimals = KEPT - exponent * 30_103 // 100_000
    chosen = broken & (decimals > 0) & (decimals < len(POWERS))
    scale = POWERS[np.where(chosen, decimals, 0)]
    return np.where(chosen, np.rint(np.where(chosen, differences, 0.0) * scale) / scale, differences)


def fell(values: Array, last: Array) -> Array:
    """Which counters began anew since their last values; not those that are less by no more than rounding."""
    less: Array = values < last
    return less & (last - values > NOISE * np.abs(last)) if some(less) else less


def balanced(sums: Array, magnitude: Array) -> Array:
    """Sums of what is now above nought, now below, freed from what they owe to rounding; `magnitude`: of all addends.

    0.1 + 0.2 − 0.3 is nothing, and not what floats make of it.
    """
    rest = np.abs(sums) <= NOISE * magnitude
    return np.where(rest, 0.0, freed(sums, magnitude))
