"""What the part of a window that was not seen could do to its value: on which sides the seen part proves a breach.

What was not seen counts as nought in a sum, a count or an increase, and could only raise them, as it could a maximum;
it could only lower a minimum, and do either to a mean, a share or a quantile. What moved by so much has moved; what
stood still may have moved before. Above a single threshold a mean is believed early all the same: too much is told.
"""

from __future__ import annotations

from enum import Enum, auto

from streams.documents.conditions.condition import Condition
from streams.documents.conditions.threshold import ONE_SIDED, UPPER, WITHIN, Band

LOWER = frozenset(ONE_SIDED) - UPPER
# By severity: whether what lies below a band, or above it, is wrong for certain.
Sides = tuple[list[bool], list[bool]]


class Unseen(Enum):
    """What more samples could do to a value."""

    NOTHING = auto()  # it is of one sample
    RAISES = auto()
    LOWERS = auto()
    MOVES = auto()  # it begins at nought, and may go either way
    EITHER = auto()


_OF = {
    "last": Unseen.NOTHING,
    "min": Unseen.LOWERS,
    "delta": Unseen.MOVES,
    **dict.fromkeys(("max", "sum", "count", "rate", "increase", "changes"), Unseen.RAISES),
}


def unseen(condition: Condition, function: str) -> Unseen:
    """What it could do to the value of a function."""
    if condition.fraction is not None or (function == "last" and condition.by is not None):
        return Unseen.EITHER
    return _OF.get(function, Unseen.EITHER)


def sides(kind: Unseen, bands: list[Band]) -> Sides:
    """For bands outside of which a value is wrong, one a severity, with numbers that are none where it has none."""
    if kind is Unseen.MOVES:
        return [band.low <= 0 for band in bands], [band.high >= 0 for band in bands]
    below, above = kind is Unseen.LOWERS, kind is Unseen.RAISES
    return [below] * len(bands), [above] * len(bands)


def in_full(condition: Condition, kind: Unseen, still: bool) -> bool:
    """Whether a value may be wrong that what was not seen could make right, so that windows must be watched in full.

    `still`: whether what does not move at all is wrong.
    """
    if condition.compared_to:
        return True
    comparison = condition.comparison
    if comparison is None or condition.anomaly is not None or kind is Unseen.NOTHING:
        return False
    if kind is Unseen.MOVES and comparison not in WITHIN:
        return still
    proven = LOWER if kind is Unseen.LOWERS else UPPER
    return comparison not in proven
