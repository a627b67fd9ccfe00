"""What a rule sees of what was sent, and why it is blind."""

from __future__ import annotations

from typing import Any

import pytest

from api.coverage.coverage import MetricCoverage, Origin, View
from streams.documents.rule import Rule

PROD, EU = Origin("prod", "bridge/metrics"), Origin("eu", "bridge/metrics")
SEEN = {
    'calls{result="ok",tool="a"}': {PROD: 5_000},
    'calls{result="error",tool="b"}': {PROD: 1_000, EU: 2_000},
    "calls{": {PROD: 9_000},
    "heat": {EU: 3_000},
}


def sight(selector: str, **options: Any) -> MetricCoverage:
    """What a rule on one selector sees."""
    rule = Rule.read({"name": "r", "last": selector, "above": 1})
    (found,) = View(SEEN).coverage(rule, **options)
    return found


def test_seen() -> None:
    """It sees what fits its matchers, the gateway's name among them, and when that was sent last."""
    assert sight("calls")[:3] == ("calls", 5_000, [EU, PROD])
    assert sight('calls{result="error"}').at == 2_000
    assert sight('calls{gateway="prod",tool=~"b|c"}')[1:3] == (1_000, [PROD])


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("caals", "caals was not seen lately; nearest names seen: calls"),
        ("nothing", "nothing was not seen lately"),
        ('calls{result="eror"}', "`result` is 'error', 'ok'; did you mean 'error'?"),
        ('calls{reslt="ok"}', "it has no label `reslt`; did you mean `result`?"),
        ('calls{zone="a"}', "it has no label `zone`; its labels: gateway, result, tool"),
        ('calls{gateway="us"}', "`gateway` is 'eu', 'prod'"),
        ('calls{result="ok",tool="b"}', "no series fits all of them"),
    ],
)
def test_blind(selector: str, words: str) -> None:
    """Where it is blind, it says which name, label or value there is instead."""
    found = sight(selector)
    assert (found.at, words in found.why) == (None, True), found.why


@pytest.mark.parametrize(
    ("path", "waits"), [('path!~"/health|/v1/gateways"', True), ('path="/v1/gatways"', False)]
)
def test_what_is_there_only_while_something_is_wrong(path: str, waits: bool) -> None:
    """A series that others have and none has for this rule is waited for, where no misspelling keeps it away."""
    seen = View({'gateway_trouble{path="/v1/gateways"}': {PROD: 1}})
    rule = Rule.read({"name": "r", "last": f"gateway_trouble{{{path}}}", "above": 0})
    (found,) = seen.coverage(rule)
    assert (found.at, found.waits) == (None, waits), found.why


def test_values_are_for_those_who_may_see_them() -> None:
    """Without leave no sentence tells what labels hold."""
    assert "error" not in sight('calls{result="x"}', values=False).why


def test_metric_that_is_sent() -> None:
    """Whether anybody sends the metric at all decides what can be changed."""
    assert (sight('calls{result="x"}').origins, sight("nothing").origins) == ([EU, PROD], [])
