"""The values of a batch as numbers; outsiders send what they like."""

from __future__ import annotations

from typing import Any

import numpy as np

from streams.errors import Refused
from streams.telemetry.samples import Batch
from tables.detect.columns import Array
from tables.detect.context import Context

NUMBERS = frozenset({float, int, type(None)})


def read(context: Context, batch: Batch) -> Array:
    """One float64 for each series, NaN where nothing is known or what was sent is no number."""
    numbers: list[Any] = (
        batch.values if NUMBERS.issuperset(map(type, batch.values)) else _checked(context, batch)
    )
    return np.array(numbers, dtype=np.float64)


def _checked(context: Context, batch: Batch) -> list[Any]:
    """The values that are numbers; the message goes to the dead letters once, for all those that are not."""
    values: list[Any] = list(batch.values)
    wrong = [n for n, value in enumerate(values) if type(value) not in NUMBERS]
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    why = f"samples: `values[{wrong[0]}]` is {values[wrong[0]]!r:.60}, not a number{more}"
    context.dead_letter(f"value {wrong[0]}", Refused(why), "samples")
    return [value if type(value) in NUMBERS else None for value in values]
