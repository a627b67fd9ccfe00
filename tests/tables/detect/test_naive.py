"""Rules over windows against a plain model: when they come, what they first see, silences, any spelling of series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tables.detect.lives import NAMES, frames_of, limits, lives, played
from tests.tables.detect.naive import FUNCTIONS, OVER, firing


@pytest.mark.parametrize("function", FUNCTIONS)
@settings(max_examples=20)
@given(lives, limits, st.booleans(), st.integers(0, 12), st.integers())
def test_a_rule_over_a_window(
    function: str, life: Sequence[Any], limit: tuple[str, Any], grouped: bool, comes: int, seed: int
) -> None:
    """Whenever it comes, whatever the counter did before, through silences, in any spelling and any cut of frames."""
    frames = frames_of(life)
    rule: dict[str, Any] = {"name": "r", function: "c_total", "over": f"{OVER}s", limit[0]: limit[1]}
    grouped = grouped and function != "stddev"
    rule |= {"for": "0s", "keep_firing_for": "0s"} | ({"by": "team"} if grouped else {})
    since = frames[min(comes, len(frames) - 1)].at
    found = played(frames, rule, since, seed)
    groups = [("", NAMES)] if grouped else [(name, (name,)) for name in NAMES]
    for key, names in groups:
        assert found[key] == firing(frames, names, since, rule), (key, frames)
