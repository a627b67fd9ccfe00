"""What shipped rules ask of the plugin's series is what the plugin says, label by label."""

from __future__ import annotations

import pytest

from sources.plugin.observed import ToolCall
from sources.plugin.tally import Tally
from streams.matcher import Selector
from streams.telemetry.series import Series, parse
from tests.sources.shipped import RULES, shipped


def told() -> list[Series]:
    """The series of a plugin that has seen a tool succeed, and one fail."""
    tally = Tally("0")
    for failed in (False, True):
        tally.count(ToolCall("search", "documents", failed, 31.0))
    return [parse(text) for text in tally.frame(0)[0]]


TOLD = told()
READ = {
    f"{body['name']}, {input.role}": input.selector
    for body in RULES
    for input in shipped(body).condition.inputs()
    if any(series.name == input.selector.name for series in TOLD)
}


@pytest.mark.parametrize("selector", READ.values(), ids=READ)
def test_a_rule_finds_what_the_plugin_says(selector: Selector) -> None:
    """One that asks for another spelling would never fire, and nobody would notice."""
    assert any(s.name == selector.name and selector.matches(dict(s.labels)) for s in TOLD)


def test_there_are_such_rules() -> None:
    """Several rules read what only the plugin sees."""
    assert len(READ) >= 4
