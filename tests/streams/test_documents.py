"""Configuration documents: what is refused names the document, the field and the nearest right one."""

from __future__ import annotations

from typing import Any

import pytest

from streams.documents import registry
from streams.errors import Refused

POLICY: dict[str, Any] = {"steps": [{"notify": "endpoint/a"}]}
RULE: dict[str, Any] = {"last": "cpu", "above": 5}


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("rule", {**RULE, "severty": "info"}, "rule n: there is no field `severty`; did you mean `severity`"),
        ("rule", {"lst": "cpu", "above": 5}, "rule n: there is no field `lst`; did you mean `last`"),
        ("rule", {**RULE, "zzz": 1}, "rule n: there is no field `zzz`$"),
        ("rule", {**RULE, "for": "soon"}, "rule n: `for`: 'soon' is not a length of time"),
        ("rule", {**RULE, "for": True}, "rule n: `for`: 'True' is not a length"),
        ("rule", {**RULE, "for": "367d"}, "rule n: `for`"),
        ("rule", {**RULE, "above": "high"}, "rule n: `above`: 'high' is not a number"),
        ("rule", {**RULE, "above": 10**400}, "rule n: `above`: .*finite"),
        ("rule", {**RULE, "above": {"urgent": 5}}, "rule n: `above.urgent.*critical"),
        ("rule", {**RULE, "routing": {"notfy": "x"}}, "`routing.notfy`; did you mean `notify`"),
        ("rule", {"condition": {**RULE, "ovr": 5}}, "`condition.ovr`; did you mean `over`"),
        ("rule", {**RULE, "enabled": "perhaps"}, "rule n: `enabled`"),
        ("policy", {"steps": []}, "policy n: `steps`"),
        ("policy", {"steps": [{"notfy": "endpoint/a"}]}, r"`steps.0.notfy`; did you mean `notify`"),
        ("policy", {"steps": [{"notify": "anna"}]}, r"policy n: `steps.0.notify.0`"),
        ("policy", {"steps": POLICY["steps"] * 2}, "policy n: every step but the first needs `after`"),
        ("policy", {**POLICY, "rounds": 0}, "policy n: `rounds`"),
        ("policy", {**POLICY, "last_resort": "policy/b"}, "policy n: `last_resort`"),
        ("route", {"to": "endpoint/a", "when": "a"}, "route n: `when`: matcher near 'a' cannot be read"),
        ("route", {"to": "anna"}, "route n: `to`"),
        (
            "policy",
            {"steps": [{"notify": "policy/a"}]},
            "`steps.0.notify.0`: 'policy/a' is no target of a step",
        ),
        ("route", {"to": "endpoint/a", "contnue": "yes"}, "did you mean `continue`"),
        ("endpoint", {"channel": "webhook"}, "endpoint n: a webhook endpoint needs `url`"),
        ("endpoint", {"channel": "fax"}, "endpoint n: `channel`"),
    ],
)
def test_refusals(kind: str, body: dict[str, Any], words: str) -> None:
    """The document, the field and, where there is one, the nearest right field are named."""
    with pytest.raises(Refused, match=words):
        registry.read(kind, {"name": "n", **body})


@pytest.mark.parametrize("name", ["", "Upper", "a b", "-a", "a/b", "a|b", "a\n", "x" * 101, 5])
def test_names_are_plain(name: object) -> None:
    """A name is part of keys and addresses, so it holds no sign that those are joined with."""
    with pytest.raises(Refused, match="`name`"):
        registry.read("endpoint", {"name": name, "channel": "log"})


def test_all_that_is_wrong_is_said_at_once() -> None:
    """Whoever corrects one mistake does not find the next one afterwards."""
    with pytest.raises(Refused, match=r"`for`.*; rule n: `above`|`above`.*; rule n: `for`"):
        registry.read("rule", {"name": "n", "last": "cpu", "above": "x", "for": "y"})


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    """Kinds are named by one word each."""
    with pytest.raises(Refused, match="did you mean 'rule'"):
        registry.read("rules", {})
    with pytest.raises(Refused, match="one of rule, endpoint, policy, route"):
        registry.read("xyz", {})


@pytest.mark.parametrize("body", [None, "abc", [], 5])
def test_what_is_no_document_is_refused(body: object) -> None:
    """A file may hold anything; a document is fields with values."""
    with pytest.raises(Refused, match="a document is a list of fields"):
        registry.read("rule", body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("rule", {**RULE, "for": "1h30m", "by": "tool", "routing": {"notify": "endpoint/a"}}),
        ("rule", {"ratio": "a / b", "over": "5m", "below": {"warning": "10%"}, "enabled": "off"}),
        ("policy", {"steps": [*POLICY["steps"], {"after": "90s", "notify": ["endpoint/b"]}]}),
        ("route", {"to": "policy/p", "when": 'severity="critical"', "continue": "yes"}),
        ("endpoint", {"url": "https://x.example"}),
    ],
)
def test_a_body_reads_back(kind: str, body: dict[str, Any]) -> None:
    """What is published of a document, defaults spelled out, is the same document."""
    document = registry.read(kind, {"name": "n", "team": "t", **body})
    assert registry.read(kind, document.body()) == document


def test_identity_is_the_same_everywhere() -> None:
    """A document's id derives from team, kind and name."""
    rule = registry.read("rule", {"name": "n", "team": "t", **RULE})
    assert rule.id == str(registry.identity("t", "rule", "n"))
    assert rule.id != str(registry.identity("u", "rule", "n"))
