"""Units change nothing: what is measured in another unit, and compared with the same limit in it, fires alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tables.detect.lives import frames_of, limits, lives, played
from tests.tables.detect.naive import FUNCTIONS, OVER

ALIKE = ("count", "changes")  # how often, whatever the unit
FACTORS = (2.0**-10, 1024.0, 2.0**20)  # exact, so that nothing is rounded anew


def scaled(limit: Any, by: float) -> Any:
    """A limit, or both ends of a band, in the other unit."""
    return [end * by for end in limit] if isinstance(limit, list) else limit * by


@settings(max_examples=25)
@given(
    lives,
    limits,
    st.sampled_from(FUNCTIONS),
    st.sampled_from(FACTORS),
    st.booleans(),
    st.integers(0, 12),
    st.integers(),
)
def test_another_unit(
    life: Sequence[Any],
    limit: tuple[str, Any],
    function: str,
    factor: float,
    grouped: bool,
    comes: int,
    seed: int,
) -> None:
    """Seconds or milliseconds, bytes or mebibytes: the same instances fire in the same frames."""
    frames = frames_of(life)
    others = [
        frame._replace(values={name: value * factor for name, value in frame.values.items()})
        for frame in frames
    ]
    rule: dict[str, Any] = {"name": "r", function: "c_total", "over": f"{OVER}s", "for": "0s", "unit": "ms"}
    rule |= {"keep_firing_for": "0s"} | ({"by": "team"} if grouped and function != "stddev" else {})
    since = frames[min(comes, len(frames) - 1)].at
    other = limit[1] if function in ALIKE else scaled(limit[1], factor)
    found = played(frames, rule | {limit[0]: limit[1]}, since, seed)
    assert found == played(others, rule | {limit[0]: other, "unit": "s"}, since, seed)
