"""Timetables: what is not one says which entry is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from streams.errors import Refused
from streams.timetable import read

SAMPLES: dict[str, Any] = {"series": {"cpu": 1}}


def test_repeated_steps() -> None:
    """`until` and `every` say one thing many times, both ends included."""
    table = read(
        {"at": [{"t": "2s", "until": "4s", "every": "1s", "samples": SAMPLES}, {"t": "0s", "raw": {}}]}
    )
    assert [(step.at, step.action) for step in table.steps] == [
        (0, "raw"),
        (2_000, "samples"),
        (3_000, "samples"),
        (4_000, "samples"),
    ]
    assert table.until == 64_000


def test_an_expectation_spans_the_whole_by_default() -> None:
    """Without `between` it holds from the start to the end."""
    (expected,) = read({"until": "1m", "expect": [{"what": "fired", "never": "true"}]}).expect
    assert (expected.first, expected.last, expected.never, expected.times) == (0, 60_000, True, None)
    assert expected.fields == {"what": "fired"}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"claims": "x"}, "there is no field `claims`"),
        ({"documents": {"rulez": []}}, "there is no section `rulez`; there are rules, endpoints"),
        ({"documents": {"rules": [{"name": "n"}]}}, "rule n: say exactly one"),
        ({"documents": {"rules": ["n"]}}, "rule: a document is a list of fields"),
        ({"at": [{"samples": SAMPLES}]}, "an entry says `t` and exactly one of"),
        ({"at": [{"t": "1s"}]}, "an entry says `t` and exactly one of"),
        ({"at": [{"t": "1s", "samples": SAMPLES, "raw": {}}]}, "an entry says `t` and exactly one of"),
        ({"at": [{"t": "soon", "samples": SAMPLES}]}, "'soon' is not a length of time"),
        ({"at": [{"t": "1s", "until": "9s", "samples": SAMPLES}]}, "`until` needs `every`"),
    ],
)
def test_refusals(table: dict[str, Any], words: str) -> None:
    """The entry or section that is wrong is named."""
    with pytest.raises(Refused, match=words):
        read(table)
