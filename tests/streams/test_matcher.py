"""Matchers: what rules and routes select by."""

from __future__ import annotations

import pytest

from streams.errors import Refused
from streams.matcher import matchers, selector


@pytest.mark.parametrize(
    ("text", "labels", "hit"),
    [
        ('team="a"', {"team": "a"}, True),
        ("team=a", {"team": "a"}, True),
        ("team!=a", {"team": "b"}, True),
        ("team!=a", {}, True),
        ('team=""', {}, True),
        ('team!=""', {}, False),
        ('status=~"5.."', {"status": "503"}, True),
        ('status=~"5.."', {"status": "1503"}, False),
        ('status=~"5.."', {"status": "5033"}, False),
        ('status=~"a|b"', {"status": "ab"}, False),
        ('status!~"5.."', {"status": "503"}, False),
        ('status!~"5.."', {}, True),
        ('status=~".*"', {}, True),
        ('status=~"|x"', {}, True),
        (r'code=~"\d+"', {"code": "42"}, True),
        (r'code=~"\d+"', {"code": "ddd"}, False),
        (r'host=~"a\.b"', {"host": "axb"}, False),
        (r'host=~"a\\.b"', {"host": "a.b"}, True),
        (r'path="a\"b\\c\nd"', {"path": 'a"b\\c\nd'}, True),
        ('a="1", b=~"x|y",', {"a": "1", "b": "y"}, True),
        ('a="1", b=~"x|y"', {"a": "1", "b": "z"}, False),
        ("", {"a": "1"}, True),
    ],
)
def test_matching(text: str, labels: dict[str, str], hit: bool) -> None:
    """Patterns are anchored as a whole, a missing label equals an empty one, all matchers must hold."""
    assert selector(f"m{{{text}}}").matches(labels) is hit


def test_selector_names_its_metric() -> None:
    """Braces may be left out, but not the name."""
    assert selector(" up ").name == "up"
    with pytest.raises(Refused, match="does not name a metric"):
        selector('{job="a"}')


@pytest.mark.parametrize(
    "text", [" " * 200_000 + "!", "m" + " " * 200_000 + "!", "{" * 200_000, "m{}" + " " * 200_000 + "x"]
)
def test_long_nonsense_is_refused(text: str) -> None:
    """However many blanks or braces stand in it, a selector is read once from its beginning to its end."""
    with pytest.raises(Refused, match="does not name a metric"):
        selector(text)


def test_many_matchers() -> None:
    """Each is read where the one before has ended."""
    assert len(selector(f"m{{{'a=b,' * 100_000}}}").matchers) == 100_000


@pytest.mark.parametrize("text", ["a", "a==1", "a=~", '="x"', 'a="x" b="y"', 'a="x', "a=x,,"])
def test_what_does_not_parse_is_refused(text: str) -> None:
    """The refusal shows where reading stopped and how a matcher is written."""
    with pytest.raises(Refused, match='write label="value"'):
        matchers(text)


@pytest.mark.parametrize("pattern", [r"(a)\\1", "(?=a)", "(?<=a)b", "(", "a{9999}", "[b-a]"])
def test_patterns_that_could_run_for_ever_are_refused(
    pattern: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Backreferences and look-around are refused with the pattern, the reason and a word why; nothing is printed."""
    with pytest.raises(Refused, match=r"cannot be compiled: .*no backreferences") as refusal:
        matchers(f'a=~"{pattern}"')
    assert ": b'" not in str(refusal.value)
    assert capfd.readouterr() == ("", "")
