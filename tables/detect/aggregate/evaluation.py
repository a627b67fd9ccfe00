"""What is judged together: the values of one frame that wait for their rules."""

from __future__ import annotations

from typing import NamedTuple

from tables.detect.columns import Array
from tables.detect.health.state import Source

Readings = list[tuple[Array, Array]]  # numbers of states and their new values


class Evaluation(NamedTuple):
    """What is judged together: event ms, the source's entry, the values that wait, and what means are taken over."""

    at: int
    source: Source
    waiting: Readings
    members: dict[int, int]  # by number of a state, of means that a model learns
    totals: Readings  # of groups with an error budget, the denominators of their ratios
    early: Readings  # as `waiting`, of windows that have not been watched in full, where that matters
    watched: Readings  # whether windows have been watched in full, where somebody asks

    @classmethod
    def of(cls, at: int, source: Source) -> Evaluation:
        """A frame of which nothing waits yet."""
        return cls(at, source, [], {}, [], [], [])
