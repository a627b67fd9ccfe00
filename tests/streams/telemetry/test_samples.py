"""Samples in columns: frames are split into parts and come together again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import Refused
from streams.messages.envelope import LARGEST, decode
from streams.telemetry import samples

WHOLE: dict[str, Any] = {
    "kind": "samples",
    "gateway": "g",
    "source": "s",
    "at": 1,
    "series": ["a"],
    "values": [1.0],
}


@given(st.integers(0, 3 * samples.PART + 1))
def test_a_frame_is_split_and_comes_together(count: int) -> None:
    """Parts say which of how many they are, and hold all series in order."""
    texts, values = [f"m{n}" for n in range(count)], [float(n) for n in range(count)]
    batches = [samples.read(decode(raw)) for raw in samples.frame("g", "s", 7, texts, values)]
    assert [(batch.part, batch.parts) for batch in batches] == [
        (k, len(batches)) for k in range(len(batches))
    ]
    assert [text for batch in batches for text in batch.series] == texts
    assert [value for batch in batches for value in batch.values] == values
    assert {batch.at for batch in batches} == {7}


@given(st.lists(st.sampled_from(["a", "\x01" * 9_000, "é" * 90_000, "x" * 399_000]), max_size=40))
def test_heavy_series_make_more_parts(texts: list[str]) -> None:
    """Bytes count as they are on the wire, whatever is escaped there; nothing is lost or reordered."""
    raws = list(samples.frame("g", "s", 7, texts, [1e300] * len(texts)))
    batches = [samples.read(decode(raw)) for raw in raws]
    assert max(map(len, raws)) < LARGEST
    assert [text for batch in batches for text in batch.series] == texts
    assert {batch.parts for batch in batches} == {len(raws)}


def test_a_part_lies_far_below_the_bound() -> None:
    """Even with long labels, a part is a message that may be sent."""
    texts = [f'http_requests_total{{path="{"p" * 150}",n="{n}"}}' for n in range(samples.PART)]
    assert max(map(len, samples.frame("g", "s", 1, texts, [1e300] * len(texts)))) < LARGEST


def test_one_part_is_the_rule() -> None:
    """A batch that does not say which part it is, is a whole frame."""
    batch = samples.read(WHOLE)
    assert (batch.part, batch.parts) == (0, 1)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"values": [1.0, 2.0]}, "columns of one table"),
        ({"series": "a"}, "`series` must be list"),
        ({"part": [0]}, "`part` must be"),
        ({"part": [2, 2]}, "`part` must be"),
        ({"part": [-1, 2]}, "`part` must be"),
        ({"part": [0, 5000]}, "`part` must be"),
        ({"part": [False, True]}, "`part` must be"),
        ({"part": "0/1"}, "`part` must be"),
        ({"gateway": ""}, "`gateway` must be 1 to 256"),
        ({"gateway": "a|b"}, "`gateway` must be 1 to 256"),
        ({"source": "s" * 300}, "`source` must be 1 to 256"),
        ({"source": None}, "`source` must be str"),
        ({"at": "now"}, "`at` must be int"),
    ],
)
def test_what_does_not_fit_is_refused(changed: dict[str, Any], words: str) -> None:
    """The refusal names the field."""
    with pytest.raises(Refused, match=words):
        samples.read({**WHOLE, **changed})


def test_the_process_start_time_comes_first() -> None:
    """It says how to read all counters; so it lies in the first part, and each value stays with its series."""
    series = [f"c{n}" for n in range(2 * samples.PART)] + [samples.START, "last"]
    shape = samples.Shape(series)
    for shift in (0.0, 1.0):
        values = [n + shift for n in range(len(series))]
        parts = [samples.read(decode(raw)) for raw in shape.frame("g", "s", 1, values)]
        assert samples.START in parts[0].series
        together = {t: v for part in parts for t, v in zip(part.series, part.values, strict=True)}
        assert together == dict(zip(series, values, strict=True))


def test_few_series_stay_in_order() -> None:
    """Where all lie in one part nothing is moved."""
    (raw,) = samples.frame("g", "s", 1, ["a", samples.START], [1.0, 2.0])
    assert samples.read(decode(raw)).series == ["a", samples.START]
