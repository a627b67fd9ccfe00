"""Silences and inhibitions: what they cover, when, and which are refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.calendar.instant import instant
from streams.documents import registry
from streams.documents.coverage import covers, disjoint, exactly
from streams.documents.suppression.inhibition import Inhibition, loop, without_loops
from streams.documents.suppression.silence import Silence, of_alert
from streams.errors import Refused

BODY: dict[str, Any] = {
    "name": "vendor", "covers": "rule=tool-errors", "starts": "2026-12-06T02:00:00Z",
    "ends": "2026-12-06T04:00:00+01:00",
    "owner": "anna", "reason": "ticket 4711",
}  # fmt: skip


def silence(**fields: Any) -> Silence:
    """A silence of an hour."""
    document = registry.read("silence", BODY | fields)
    assert isinstance(document, Silence)
    return document


def inhibition(name: str, source: str, target: str, equal: str = "gateway") -> Inhibition:
    """An inhibition."""
    document = registry.read("inhibition", {"name": name, "source": source, "target": target, "equal": equal})
    assert isinstance(document, Inhibition)
    return document


def test_its_end_is_excluded() -> None:
    """It holds from its start to before its end, whatever offset they are written with."""
    first, last = instant("2026-12-06T02:00:00Z"), instant("2026-12-06T03:00:00Z")
    assert [silence().is_active(at) for at in (first - 1, first, last - 1, last)] == [
        False,
        True,
        True,
        False,
    ]
    assert [silence().next_change(at) for at in (0, first, last)] == [first, last, None]
    assert silence(starts="").is_active(0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"covers": "everything"}, "`covers`: matcher near"),
        ({"covers": 'severity!=critical, team!~"a|b"'}, "asks for no label"),
        ({"covers": 'team=~".*"'}, "asks for no label"),
        ({"covers": 'team=""'}, "asks for no label"),
        ({"covers": " "}, "is empty: write what it covers"),
        ({"ends": ""}, "`ends` is empty"),
        ({"ends": "2026-12-06T02:00:00Z"}, "`ends` must lie after `starts`"),
        ({"ends": "2027-12-09T02:00:00Z"}, "within a year"),
        ({"ends": "2026-12-06 04:00"}, "`ends`: .* is no instant"),
        ({"owner": ""}, "`owner` is too short"),
        ({"resaon": "x"}, "did you mean `reason`"),
    ],
)
def test_refusals(fields: dict[str, Any], words: str) -> None:
    """What covers everything by negation only is refused, with the field and the fix."""
    with pytest.raises(Refused, match=words):
        silence(**fields)


texts = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=20)


@given(st.dictionaries(st.sampled_from(["rule", "gateway", "n"]), texts, min_size=1), texts)
def test_a_silence_from_an_alert_covers_that_alert_and_no_other(labels: dict[str, str], other: str) -> None:
    """Its own labels, whatever is in them; its severity and those below it."""
    text = of_alert(labels | {"severity": "warning"}, "warning")
    assert silence(covers=text).matches(labels | {"severity": "warning"})
    assert silence(covers=text).matches(labels | {"severity": "info"})
    assert not silence(covers=text).matches(labels | {"severity": "critical"})
    name = sorted(labels)[0]
    assert labels[name] == other or not silence(covers=text).matches(
        {**labels, name: other, "severity": "info"}
    )


def test_a_newline_in_a_label_is_matched() -> None:
    """It stands behind a backslash."""
    assert covers(exactly({"a": "one\ntwo"}), {"a": "one\ntwo"})


def test_texts_that_no_alert_can_fit_both_are_told_apart() -> None:
    """Where one asks for a value that the other rules out; else they may meet."""
    assert disjoint("severity=critical", "severity=warning")
    assert disjoint("severity=critical", 'severity=~"info|warning"')
    assert disjoint("severity!=critical, a=b", "severity=critical")
    assert not disjoint("rule=a", "severity=critical")
    assert not disjoint('rule=~"a.*"', 'rule=~"b.*"')


def test_loops_are_found() -> None:
    """Two that suppress one another, or three in a circle; and the one that closes it is left out."""
    one, two = inhibition("one", "rule=a", "rule=b"), inhibition("two", "rule=b", "rule=c")
    three = inhibition("three", "rule=c", "rule=a")
    assert loop([one], two) == ()
    assert loop([one, two], three) == ("three", "one", "two")
    assert without_loops([one, two, three]) == [one, two]
    assert loop([one], inhibition("one", "rule=b", "rule=a")) == ()  # it replaces the one of its name


def test_what_fits_both_sides_is_no_target() -> None:
    """So alerts of one kind never suppress one another."""
    broad = inhibition("broad", "rule=down", 'severity=~"critical|warning"')
    assert broad.is_source({"rule": "down", "severity": "critical"})
    assert not broad.is_target({"rule": "down", "severity": "critical"})
    assert broad.is_target({"rule": "slow", "severity": "critical"})
    assert broad.shared({"gateway": "a"}) != broad.shared({})
    with pytest.raises(Refused, match="`target` is the same as `source`"):
        inhibition("same", "rule=a", "rule=a")


@pytest.mark.parametrize(
    ("before", "after", "now", "says"),
    [
        (None, {}, "2026-12-06T03:00:00Z", "silence vendor: `ends`: .* is over, it is 2026-12-06 03:00 UTC"),
        ({}, {"ends": "2026-12-07T00:00:00Z"}, "2026-12-06T03:00:00Z", "`ends`: it was over at 2026-12-06 03:00 UTC"),
        ({}, {"starts": "2026-12-06T02:30:00Z"}, "2026-12-06T02:10:00Z", "`starts`: it has begun: leave it as it was"),
        (None, {"covers": 'rule=~".+", team!=a'}, "2026-12-06T02:00:00Z", "`covers`: it covers every alert"),
        (None, {"covers": 'severity=~"info|warning|critical"'}, "2026-12-06T02:00:00Z", "it covers every alert"),
        (None, {"starts": "", "ends": "2027-12-08T00:00:00Z"}, "2026-12-06T02:00:00Z", "`ends`: .* a year from now"),
        ({"starts": ""}, {"starts": "", "ends": "2027-12-08T00:00:00Z"}, "2026-12-06T02:00:00Z", "a year from now"),
    ],
)  # fmt: skip
def test_edits_that_are_refused(
    before: dict[str, Any] | None, after: dict[str, Any], now: str, says: str
) -> None:
    """What is over stays as it was, what has begun keeps its start, and nothing covers every alert."""
    known = None if before is None else silence(**before)
    with pytest.raises(Refused, match=says):
        silence(**after).taking_effect(known, instant(now))


@pytest.mark.parametrize(
    ("fields", "now"),
    [
        ({}, "2027-01-01T00:00:00Z"),  # the same again
        ({"ends": "2026-12-06T02:15:00Z"}, "2026-12-06T02:10:00Z"),
        ({"ends": "2026-12-06T02:05:00Z"}, "2026-12-06T02:10:00Z"),  # it ends now
        ({"covers": "rule=x", "reason": "y"}, "2026-12-06T02:10:00Z"),
        ({"starts": "2026-12-06T02:30:00Z"}, "2026-12-06T01:10:00Z"),  # it has not begun
        ({"covers": 'upstream=~".+"'}, "2026-12-06T02:10:00Z"),  # some alerts have none
    ],
)
def test_edits_that_are_taken(fields: dict[str, Any], now: str) -> None:
    """All others: an earlier end above all."""
    changed = silence(**fields)
    assert changed.taking_effect(silence(), instant(now)) == changed
