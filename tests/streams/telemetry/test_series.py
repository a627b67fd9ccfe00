"""The text of a series is its identity; spelling and parsing are inverse."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import Refused
from streams.telemetry.series import canonical, metric, parse, spell

names = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,8}", fullmatch=True)
labels = st.dictionaries(
    st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True),
    st.text() | st.sampled_from(['"', "\\", "\n", '\\"', "\\n", "a,b", "}", '{x="1"}', "=", " "]),
    max_size=4,
)


@given(names, labels)
def test_round_trip(name: str, pairs: dict[str, str]) -> None:
    """Whatever stands in a label's value, the text reads back as it was spelled."""
    assert parse(spell(name, pairs)) == (name, tuple(sorted(pairs.items())))


@given(names, labels, st.randoms(use_true_random=False), st.sampled_from(["", " "]))
def test_a_series_has_one_canonical_text(
    name: str, pairs: dict[str, str], chance: Random, blank: str
) -> None:
    """In whatever order and with whatever blanks its labels are written; an empty label is a missing one."""
    inner = [
        f"{label}{blank}={blank}{spell('', {label: value})[2 + len(label) : -1]}"
        for label, value in pairs.items()
    ]
    chance.shuffle(inner)
    written = f"{name}{blank}{{{blank}{(blank + ',' + blank).join(inner)}{blank}}}"
    known = spell(name, {label: value for label, value in pairs.items() if value})
    assert canonical(written) == canonical(known) == known
    assert metric(written) == name


@pytest.mark.parametrize("text", ["up", "up{}", " up{ }"[1:], 'up{ job = "a" , }', 'up{job="a",}'])
def test_exposition_forms(text: str) -> None:
    """Blanks and a last comma, which exposition allows, change nothing."""
    assert parse(text).name == "up"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "begin with a metric name"),
        ("1up", "begin with a metric name"),
        ("up{", "in braces"),
        ("up x", "in braces"),
        ("up{job=a}", 'name="value"'),
        ('up{job="a" host="b"}', 'name="value"'),
        ('up{job="a}', 'name="value"'),
        ("up{,}", 'name="value"'),
    ],
)
def test_what_is_no_series_is_refused(text: str, words: str) -> None:
    """The refusal says what a series looks like."""
    with pytest.raises(Refused, match=words):
        parse(text)


def test_many_labels() -> None:
    """Each is read where the one before has ended, so a text of a million characters is read at once."""
    labels = ",".join(f'l{n}="v"' for n in range(100_000))
    assert len(parse(f"m{{{labels}}}").labels) == 100_000
