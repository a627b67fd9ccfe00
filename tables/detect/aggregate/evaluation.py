"""What is judged together: the values of one frame that wait for their rules."""

from __future__ import annotations

from typing import NamedTuple

from tables.detect.columns import Array
from tables.detect.health.state import Source

Waiting = dict[int, list[tuple[Array, Array]]]  # by state block: slots and their new values


class Evaluation(NamedTuple):
    """What is judged together: event ms, the source's entry, the values that wait, and what means are taken over."""

    at: int
    source: Source
    waiting: Waiting
    members: dict[int, int]  # by number of a state, of means that a model learns
    # by state block, slots of groups and the denominators of their ratios
    totals: dict[int, tuple[Array, Array]]
    early: Waiting  # as `waiting`, of windows that have not been watched in full, where that matters
    # by state block, slots and whether their windows have been watched in full, where somebody asks
    watched: Waiting
