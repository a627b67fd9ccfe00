"""The values of a batch as numbers; outsiders send what they like."""

from __future__ import annotations

from typing import Any

import numpy as np

from streams.errors import Refused
from streams.telemetry.samples import Batch
from tables.detect.columns import Array
from tables.detect.context import Context


def read(context: Context, batch: Batch) -> Array:
    """One float64 for each series, NaN where nothing is known or what was sent is no number."""
    try:
        values = np.array(batch.values, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.empty((0, 0))
    return values if values.ndim == 1 else _one_by_one(context, batch)


def _one_by_one(context: Context, batch: Batch) -> Array:
    """The values that are numbers; the message goes to the dead letters once, for all those that are not."""
    values: list[Any] = list(batch.values)
    good = [
        value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values
    ]
    first = good.index(False)
    more = f" (and {good.count(False) - 1} more)" if good.count(False) > 1 else ""
    why = f"samples: `values[{first}]` is {batch.values[first]!r:.60}, not a number{more}"
    context.dead_letter(f"value {first}", Refused(why), "samples")
    pairs = zip(batch.values, good, strict=True)
    return np.array([value if fine else None for value, fine in pairs], dtype=np.float64)
