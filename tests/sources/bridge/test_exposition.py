"""The exposition reader, against prometheus_client's own parser as oracle."""

from __future__ import annotations

import math
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from sources.bridge.exposition import Exposition
from streams.errors import Refused
from streams.telemetry.series import parse, spell

names = st.from_regex(r"\A[a-z_][a-z0-9_]{0,12}\Z").filter(lambda name: not name.endswith("_created"))
values = st.floats(allow_nan=False, width=32)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=12)
label_names = names.filter(lambda name: not name.startswith("__"))  # reserved: the reference refuses them
labels = st.dictionaries(label_names, texts, max_size=3)


def read(text: str) -> dict[str, float]:
    """By a reader that has seen nothing."""
    columns = Exposition().read(text)
    return dict(zip(columns.series, columns.values, strict=True))


def oracle(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What the reference reads, less what we leave out on purpose."""
    found = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    kept = (one for one in found if not (one.name.endswith("_created") or math.isnan(one.value)))
    largest = sys.float_info.max
    return {
        (one.name, tuple(sorted(one.labels.items()))): max(-largest, min(largest, one.value)) for one in kept
    }


@given(st.lists(st.tuples(names, labels, values, st.booleans(), st.booleans()), min_size=1, max_size=8))
def test_it_reads_what_the_reference_reads(
    samples: list[tuple[str, dict[str, str], float, bool, bool]],
) -> None:
    """Whatever stands in labels, with and without comments and timestamps, both readers agree."""
    text = ""
    for name, own, value, comment, stamp in samples:
        text += f"# TYPE {name} gauge\n" if comment else ""
        text += f"{spell(name, own)} {value!r}{' 1700000000000' if stamp else ''}\n"
    assert {tuple(parse(series)): value for series, value in read(text).items()} == oracle(text)


def test_it_reads_what_the_client_library_writes() -> None:
    """Counters, gauges and histograms come over whole, except for their births."""
    registry = CollectorRegistry()
    Counter("calls", "Calls.", ["tool"], registry=registry).labels('a "b" {c}\n\\d').inc(3)
    Gauge("level", "Level.", registry=registry).set(-0.5)
    Histogram("took", "Took.", registry=registry).observe(0.3)
    text = generate_latest(registry).decode()
    assert "_created" in text
    assert {tuple(parse(series)): value for series, value in read(text).items()} == oracle(text)


def test_a_series_keeps_the_gateways_spelling() -> None:
    """The text is the identity, so it may not depend on how the line was read."""
    line = 'calls{b="2",a="x y"}'
    assert list(read(f"{line} 1\n")) == list(read(f"{line}  1 1700000000000\n")) == [line]


def test_births_are_dropped_even_in_the_middle_of_a_family() -> None:
    """OpenMetrics puts `_created` among the samples that it belongs to."""
    text = '# TYPE calls counter\ncalls_total{a="1"} 2\ncalls_created{a="1"} 1.7e9\nup 1\n'
    assert read(text) == {'calls_total{a="1"}': 2.0, "up": 1.0}


def test_not_a_number_is_no_sample() -> None:
    """NaN says that there is no value, and so do we."""
    assert read("up NaN\ndown 1\n") == {"down": 1.0}


@pytest.mark.parametrize(("word", "sign"), [("+Inf", 1), ("-Inf", -1), ("1e999", 1)])
def test_infinity_is_the_largest_float(word: str, sign: int) -> None:
    """JSON has no infinity, and a threshold must still be exceeded."""
    assert read(f"up {word}\n") == {"up": sign * sys.float_info.max}


def test_windows_line_ends_and_blank_lines_do_no_harm() -> None:
    """Proxies have been seen to add both."""
    assert read("\r\nup 1\r\n\r\n\ndown 2\r\n") == {"up": 1.0, "down": 2.0}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "an empty page"),
        ("<!DOCTYPE html><html><head><title>Sign in</title>", "an HTML page (Sign in)"),
        ('{"detail": "Not authenticated"}', "Not authenticated"),
        ("up 1\nwhat is this\n", "what is this"),
        ("up one\n", "'one' is no number"),
        ("up null\n", "'null' is no number"),
        ('up{a="1 2\n', 'up{a="1'),
        ("up 1 2\n5\n", "not a series"),
        ("# only a comment\n", "without a single sample"),
    ],
)
def test_garbage_is_refused_by_what_it_is(text: str, named: str) -> None:
    """Whoever typed a wrong address learns what answered there."""
    with pytest.raises(Refused) as why:
        Exposition().read(text)
    assert named in str(why.value)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing that a server may send breaks the bridge."""
    try:
        columns = Exposition().read(text)
    except Refused:
        return
    assert len(columns.series) == len(columns.values) > 0


def test_what_is_new_is_looked_at_although_the_rest_is_known() -> None:
    """The memory of known series never hides a wrong one."""
    reader = Exposition()
    reader.read("up 1\n")
    with pytest.raises(Refused):
        reader.read("up 1\nup{a 1\n")
    assert reader.read("up 2\n").values == [2.0]


@given(
    st.lists(st.sampled_from(["a", 'b{x="1"}', 'c{x="y z"}', "# a", "# TYPE b gauge", "", "d_created"]), max_size=8),
    st.lists(st.lists(st.sampled_from(["1", "2.5", "NaN", "+Inf", "-0", "1 1700000000000"]), min_size=8, max_size=8),
             min_size=2, max_size=4),
)  # fmt: skip
def test_a_reader_with_a_memory_reads_as_one_without(lines: list[str], scrapes: list[list[str]]) -> None:
    """The layout of the text before is a short cut, never another reading."""
    reader = Exposition()
    for values in scrapes:
        spelled = [
            one if one[:1] in ("#", "") else f"{one} {value}"
            for one, value in zip(lines, values, strict=False)
        ]
        text = "\n".join([*spelled, "up 1", ""])
        columns = reader.read(text)
        assert dict(zip(columns.series, columns.values, strict=True)) == read(text)


SAMPLES = [
    "up",
    "up ",
    "up 1",
    "up  1",
    "up 1\r",
    "up 1,2",
    "up [1]",
    "up true",
    'up "1"',
    "up 1 2",
    "up 1e3",
]
OTHERS = [
    "5",
    "1,2",
    "",
    " ",
    "u",
    "p 1",
    'up{a="1"} 3',
    "# a",
    "down 1",
    "down NaN",
    "upper 1",
    f"down {2**64}",
]
pieces = st.sampled_from([*SAMPLES, *OTHERS])


@settings(max_examples=300)
@given(st.lists(st.lists(pieces, min_size=1, max_size=5), min_size=2, max_size=6))
def test_any_text_behind_any_other_is_read_as_by_a_reader_without_a_memory(texts: list[list[str]]) -> None:
    """Lines that lack their value, stand elsewhere or hold two values are never taken for those of before."""
    reader = Exposition()
    for lines in texts:
        text, said = "\n".join(lines), list[object]()
        for each in (reader, Exposition()):
            try:
                columns = each.read(text)
            except Refused as why:
                said.append(str(why))
            else:
                said.append((list(columns.series), columns.values))
        assert said[0] == said[1]


def test_a_value_that_moves_to_another_line_is_no_value() -> None:
    """The lengths of both texts are the same."""
    reader = Exposition()
    reader.read("up 1\n\ndown 1\n")
    with pytest.raises(Refused, match="'up '"):
        reader.read("up \n5\ndown 1\n")


def test_while_series_stay_so_does_their_list() -> None:
    """What is derived from them need not be derived again."""
    reader = Exposition()
    first, second = reader.read("a 1\n# x\nb 2\n"), reader.read("a 3\n# x\nb 4.5\n")
    assert first.series is second.series
    assert second.values == [3, 4.5]
