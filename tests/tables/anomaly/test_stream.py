"""The scoring stream: one row in, one score out, before the next row is read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streams.errors import Refused
from tables.anomaly.stream import THRESHOLD, instant, kind_named, scores
from tests.tables.anomaly.signals import DAY, noise


@pytest.mark.parametrize(
    "text",
    [
        "2014-04-01 00:05:00",
        "2014-04-01T00:05:00Z",
        "2014-04-01T02:05:00+02:00",
        "1396310700",
        "1396310700000",
    ],
)
def test_every_usual_timestamp_is_understood(text: str) -> None:
    """A date with or without a zone, and epoch seconds or milliseconds."""
    assert instant(text) == 1_396_310_700_000


@pytest.mark.parametrize("text", ["", "yesterday", "2014-13-01 00:00:00"])
def test_what_is_no_timestamp_is_refused(text: str) -> None:
    """The message shows what was read."""
    with pytest.raises(Refused, match="not a timestamp"):
        instant(text)


def test_a_score_is_out_before_the_next_row_is_in() -> None:
    """The stream never reads ahead."""
    taken = 0

    def rows() -> Iterator[tuple[str, str]]:
        nonlocal taken
        for taken, value in enumerate(noise(50), start=1):
            yield str(1_396_310_700 + taken * 300), str(value)

    for number, _ in enumerate(scores(rows()), start=1):
        assert taken == number


def test_a_spike_reaches_the_threshold_and_a_gap_scores_nothing() -> None:
    """The one threshold of the command is that of the product."""
    cells = [*map(str, noise(3 * DAY)), "", "nan", "900"]
    found = list(scores((str(1_396_310_700 + row * 300), cell) for row, cell in enumerate(cells)))
    assert found[-3:-1] == [0.0, 0.0]
    assert found[-1] >= THRESHOLD


def test_an_unknown_kind_is_compared_as_it_is() -> None:
    """Names that mean nothing to us, or none at all, are gauges."""
    assert [kind_named(name).value for name in (None, "weather", "rate")] == ["gauge", "gauge", "rate"]
