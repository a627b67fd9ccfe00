"""Whatever stands in a field, the refusal names the field and says what to write, not in pydantic's words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from streams.documents import registry
from streams.errors import Refused

GOOD: dict[str, dict[str, Any]] = {
    "rule": {"name": "n", "ratio": "a / b", "over": "5m", "above": 5},
    "endpoint": {"name": "n", "url": "https://x.example"},
    "policy": {"name": "n", "steps": [{"notify": "endpoint/a"}]},
    "route": {"name": "n", "to": "endpoint/a"},
    "dismissal": {"name": "n", "instance": "g|r|s", "at": "2026-12-07T09:00:00Z"},
    "probe": {"name": "n", "hosts": "a.example"},
    "view": {"name": "n", "shows": "severity=critical"},
}
HOSTILE: list[Any] = [
    None, "", " ", "nan", "1e400", "99999999999d", "x" * 9_000, "2026-12-07", "\t", "a\0b", "{x}", "[a", "ü",
    True, -1, 1.5, 10**30, float("nan"), float("inf"), [], ["a b"], [None], [[]], {}, {"a": "b"}, {"warning": []},
]  # fmt: skip
THEIRS = re.compile(
    r"Input should|valid (string|number|dictionary|list)|Field required|Value error|Extra inputs|\^\["
)
FIELDS = [(kind, field) for kind in GOOD for field in registry.KINDS[kind].fields()]


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_every_field_says_what_it_takes(kind: str, field: str) -> None:
    """Of all that could be sent nothing raises anything else, and no sentence is pydantic's."""
    for value in HOSTILE:
        try:
            registry.read(kind, GOOD[kind] | {field: value})
        except Refused as why:
            said = str(why)
            assert not THEIRS.search(said), said
            assert field in said, said
            assert len(said) < 600, said


@pytest.mark.parametrize(
    ("kind", "field", "value", "words"),
    [
        ("rule", "for", "99999999999d", "`for`: 99999999999d must lie between 0s and 366d"),
        ("rule", "for", None, "`for` is empty: write a length of time"),
        ("rule", "above", "nan", "`above`: nan is not a finite number: write for instance 5, 0.5 or 5%"),
        ("rule", "above", [1], "`above` must be a number, for instance 5, 0.5 or 5%, not a list"),
        ("rule", "above", {"urgent": 1}, "`above.urgent`: 'urgent' is not one of critical, warning, info"),
        ("rule", "name", "Tool Errors!", "'Tool Errors!' is not a name: .*; for instance tool-errors$"),
        ("rule", "severity", "critcal", "is not one of critical, warning, info; did you mean critical"),
        ("rule", "enabled", "perhaps", "`enabled` must be yes or no, not 'perhaps'"),
        ("rule", "message", "x" * 600, "`message` is 600 characters long: at most 500"),
        ("rule", "condition", {"last": "m"}, "leave out `condition`, or put `ratio` into it"),
        ("policy", "rounds", 99, "`rounds` must be at most 10, not 99"),
        ("policy", "rounds", "many", "`rounds` must be a whole number, not 'many'"),
        ("policy", "steps", {"notify": "endpoint/a"}, "`steps` must be a list, not fields"),
        ("policy", "steps", ["endpoint/a"], "`steps.0` must be fields with their values, not 'endpoint/a'"),
        ("policy", "steps", [], "`steps` holds nothing: at least 1"),
        (
            "route",
            "to",
            "ops",
            "'ops' is no target: write user/, team/, schedule/, policy/ or endpoint/ and a name",
        ),
        ("route", "order", 10**30, "`order` must be at most 1000000"),
        ("route", "repeat_interval", "0s", "`repeat_interval`: 0s must lie between 1s and 366d"),
        ("route", "repeat_interval", 5, "`repeat_interval`: 5ms must lie between 1s and 366d"),
        ("endpoint", "pages_within", "5s", "`pages_within`: 5s must lie between 1m and 1d"),
        ("endpoint", "channel", "fax", "`channel`: 'fax' is not one of webhook, log"),
        ("probe", "hosts", "https://a.example", "is no address to probe: write a host and"),
        ("probe", "hosts", ["a.example:70000"], "is no address to probe"),
        ("probe", "every", "5s", "`every`: 5s must lie between 1m and 1d"),
        ("view", "shows", "severity=severe", "'severe' is none of"),
        ("view", "shows", "colour=red", "the list has no filter `colour`; there are status"),
        ("view", "shows", "critical", "cannot be read: write it as the page's address has it"),
        ("view", "shows", "team=a&team=b", "a filter stands there twice"),
        ("view", "shows", "q=%00", "can be printed"),
        ("probe", "authority", "/etc/ca.pem", "`authority` is PEM text"),
        ("dismissal", "instance", "g", "`instance`: 'g' is no instance: copy that of an alert"),
    ],
)
def test_the_words(kind: str, field: str, value: Any, words: str) -> None:
    """The field, what is wrong with it, and what to write instead."""
    with pytest.raises(Refused, match=words):
        registry.read(kind, GOOD[kind] | {field: value})


def test_a_missing_field_is_said_to_be_missing() -> None:
    """By its name."""
    with pytest.raises(Refused, match=r"policy n: `steps` is missing$"):
        registry.read("policy", {"name": "n"})


@pytest.mark.parametrize("value", [["geheim"], {"geheim": 1}, 5_550_123, "geheim" * 900])
@pytest.mark.parametrize("field", ["url", "secret"])
def test_what_may_be_a_secret_is_not_repeated(field: str, value: Any) -> None:
    """Whatever its kind."""
    with pytest.raises(Refused) as refused:
        registry.read("endpoint", GOOD["endpoint"] | {field: value})
    assert not re.search("geheim|5550123", str(refused.value))
