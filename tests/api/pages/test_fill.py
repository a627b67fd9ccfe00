"""Forms beside the YAML: they write the same text that the editor shows, and lose nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.files.yaml_check import check
from api.files.yaml_documents import YamlDocument
from api.files.yaml_spelling import respelled, written
from api.pages.surface.editor import beginning
from api.pages.surface.fill.filling import FORMS, PREFIX, filled, shown
from streams.channels.registry import CHANNELS
from streams.errors import Refused

RULE = """rules:
- name: slow
  team: payments
  quantile: 0.99 of seconds_bucket
  over: 10m
  above: {warning: 2, critical: 5}
  unit: s
  missing: alert
"""
BAND = "rules:\n- name: odd\n  last: x\n  outside: {warning: [1, 9]}\n"
WRITTEN = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)
PERSON = """people:
- name: anna
  email: ••••••
  contact:
  - channel: email
    confirmed: yes
    when: [critical]
  - endpoint: anna-phone
"""


def body(section: str, text: str) -> dict[str, Any]:
    """The fields that a text holds."""
    source = written(text, section)
    assert isinstance(source, YamlDocument), source
    return source.body


def with_form(section: str, text: str, **given: str) -> dict[str, Any]:
    """The fields after somebody has filled in some of the form, whose other fields stand as they were shown."""
    fields = {PREFIX + field.name: field.value for field in shown(section, text)}
    fields |= {PREFIX + name.rstrip("_"): value for name, value in given.items()}
    return body(section, filled(section, text, {name: value for name, value in fields.items() if value}))


TEXTS = [
    *((section, beginning(section)) for section in FORMS), ("rules", RULE), ("rules", BAND), ("people", PERSON),
    ("rules", "rules:\n- name: gone\n  unreachable: upstream\n  severity: critical\n"),
    ("rules", "rules:\n- name: x\n  condition: {last: a, below: 3}\n"),
    *(("endpoints", f"endpoints:\n- name: x\n  channel: {channel}\n") for channel in CHANNELS),
]  # fmt: skip


@pytest.mark.parametrize(("section", "text"), TEXTS)
def test_a_form_that_nobody_touches_changes_nothing(section: str, text: str) -> None:
    """What it shows and what it writes are the same, whatever stands in the text besides."""
    before = body(section, text)
    inner = before.pop("condition", {})
    assert with_form(section, text) == before | inner


@pytest.mark.parametrize("section", FORMS)
def test_what_the_editor_begins_with_has_a_form(section: str) -> None:
    """All of it is a document after a field was filled in."""
    begun = beginning(section)
    given = {field.name: field.value for field in shown(section, begun) if field.value} | {"name": "other"}
    text = filled(section, begun, {PREFIX + name: value for name, value in given.items()})
    source = written(text, section)
    assert isinstance(source, YamlDocument)
    document = check(source, text)
    assert not isinstance(document, list), document
    assert document.name == "other"


def test_a_rule_is_filled_in() -> None:
    """What it looks at, its thresholds and how long; what the form does not show stays."""
    limits = {"compared": "below", "warning": "20", "critical": "10"}
    made = with_form("rules", RULE, kind="last", looks="queue", over="", for_="5m", **limits)
    assert made == {
        "name": "slow", "team": "payments", "last": "queue", "below": {"warning": "20", "critical": "10"}, "for": "5m",
        "unit": "s", "missing": "alert",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "above", "severity"),
    [
        ({"warning": "5%"}, "5%", None),
        ({"critical": "5%"}, "5%", "critical"),
        ({"info": "1", "warning": "2"}, {"info": "1", "warning": "2"}, None),
    ],
)
def test_thresholds(given: dict[str, str], above: Any, severity: str | None) -> None:
    """One alone has its severity beside it; several have one each."""
    made = with_form("rules", "rules:\n- name: x\n  last: a\n", compared="above", **given)
    assert (made["above"], made.get("severity")) == (above, severity)


def test_a_band_stays() -> None:
    """What the form cannot say is left as it stands in the text."""
    assert with_form("rules", BAND, for_="9m") == body("rules", BAND) | {"for": "9m"}


def test_ways_of_a_person() -> None:
    """One a line, with severities; what a way has besides stays with it."""
    made = with_form("people", PERSON, ways="sms\nemail for critical, warning")
    assert made["contact"] == [
        {"channel": "sms"},
        {"channel": "email", "confirmed": "yes", "when": ["critical", "warning"]},
    ]
    assert made["email"] == "••••••"


def test_another_channel_has_other_fields() -> None:
    """What the new channel does not have goes; the secrets of the old one with it."""
    text = "endpoints:\n- name: x\n  url: https://hooks.example/••••••\n  secret: ••••••\n"
    made = with_form("endpoints", text, channel="log")
    assert made == {"name": "x", "channel": "log"}
    assert "to" in {field.name for field in shown("endpoints", "endpoints:\n- name: x\n  channel: email\n")}


def test_a_text_that_cannot_be_read_is_left_alone() -> None:
    """Nothing is written over what somebody has begun to write; a section without a form has none."""
    with pytest.raises(Refused, match="mend the text first: line 3"):
        filled("rules", "rules:\n- {name\n", {f"{PREFIX}name": "x"})
    with pytest.raises(Refused, match="has no form"):
        filled("routes", "", {})
    assert shown("rules", "rules: [") == shown("routes", beginning("routes")) == []


@given(st.dictionaries(st.sampled_from(["name", "for", "over", "last"]), WRITTEN, min_size=1))
def test_a_text_is_read_as_it_was_meant(fields: dict[str, str]) -> None:
    """Whatever a field holds comes back from the YAML, though nothing is quoted that need not be."""
    assert body("rules", respelled("rules", fields)) == fields


def test_nothing_is_quoted_that_need_not_be() -> None:
    """What other readers take for numbers and truth values is text to ours."""
    assert respelled("rules", {"for": "10:00", "above": "20", "shadow": "yes", "x": "null"}) == (
        "rules:\n- for: 10:00\n  above: 20\n  shadow: yes\n  x: 'null'\n"
    )
