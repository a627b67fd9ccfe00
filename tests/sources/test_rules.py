"""The rules that ship can be read, say what to do, and recover."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sources.shipped import NAMES, RULES, shipped


@pytest.mark.parametrize("body", RULES, ids=lambda body: str(body["name"]))
def test_a_shipped_rule_is_valid_and_explains_itself(body: dict[str, Any]) -> None:
    """Each is a rule of today's conditions with a message, a description and something to do."""
    rule = shipped(body)
    assert "{gateway}" in rule.message
    assert rule.description.endswith(".")
    assert rule.runbook


@pytest.mark.parametrize("body", RULES, ids=lambda body: str(body["name"]))
def test_a_shipped_rule_reads_documented_names_only(body: dict[str, Any]) -> None:
    """A rule on a metric that nobody sends would be blind for ever."""
    documented = NAMES.read_text()
    for one in shipped(body).condition.inputs():
        name = one.selector.name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum")
        assert f"`{name}`" in documented
    for event in shipped(body).condition.event or ():
        assert f"`{event}`" in documented


@pytest.mark.parametrize("body", RULES, ids=lambda body: str(body["name"]))
def test_a_shipped_rule_can_recover(body: dict[str, Any]) -> None:
    """The default recovery threshold of a share or a 0/1 value must lie within what it can be."""
    if shipped(body).condition.event is not None:
        return  # what happened is over when it is quiet
    limits, back, sign = shipped(body).levels()
    shares = shipped(body).condition.ratio is not None or max(limits.values()) <= 1
    assert set(back) == set(limits)
    assert not (shares and sign < 0) or max(back.values()) <= 1


def test_names_are_unique() -> None:
    """Two rules of one name would replace each other."""
    assert len({body["name"] for body in RULES}) == len(RULES)


def test_an_upstream_that_disappears_ends_its_alert() -> None:
    """A disabled or deleted upstream leaves the frame, and nobody waits for it to come back."""
    for body in RULES:
        if body.get("unreachable") == "upstream":
            condition = shipped(body).condition
            assert (condition.missing, condition.missed) == ("resolve", 2)
