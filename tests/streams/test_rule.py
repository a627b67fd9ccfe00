"""Rules: which conditions are sensible, and what their thresholds come to."""

from __future__ import annotations

from typing import Any

import pytest

from streams import documents
from streams.condition import FUNCTIONS
from streams.errors import Refused
from streams.rule import Rule


def rule(**body: Any) -> Rule:
    """A rule of these fields."""
    read = documents.read("rule", {"name": "n", **body})
    assert isinstance(read, Rule)
    return read


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_reads_one_metric(function: str) -> None:
    """A rule says one function of one metric; all but the last value need a window."""
    over = {} if function == "last" else {"over": "5m"}
    (read,) = rule(**{function: 'm{a="1"}'}, above=1, **over).condition.inputs()
    assert (read.role, read.function, read.selector.name) == (0, function, "m")


def test_a_ratio_reads_two_counters() -> None:
    """Numerator and denominator are increases."""
    over, under = rule(ratio='a{r="e"} / a', over="5m", above="10%").condition.inputs()
    assert (over.role, over.function, under.role, under.function) == (0, "increase", 1, "increase")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"above": 1}, "exactly one of last, avg.* not none"),
        ({"last": "m", "avg": "m", "above": 1}, "not last, avg"),
        ({"last": "m"}, "exactly one of `above` and `below`"),
        ({"last": "m", "above": 1, "below": 0}, "exactly one of `above` and `below`"),
        ({"avg": "m", "above": 1}, "`avg` needs a window"),
        ({"ratio": "a / b", "above": 1, "over": "10ms"}, "`ratio` needs a window"),
        ({"ratio": "a/b", "above": 1, "over": "5m"}, "spaces around the stroke"),
        ({"last": "m", "above": 1, "over": "5m"}, "leave out `over`"),
        ({"unreachable": "upstream", "over": "5m"}, "leave out `over`"),
        ({"unreachable": "upstream", "below": 1}, "leave out `below`"),
        ({"unreachable": "tool"}, "`unreachable`"),
        ({"last": "m", "above": 1, "at_least": 5}, "`at_least` bounds the denominator"),
        ({"last": "m{", "above": 1}, "does not name a metric"),
        ({"last": 'm{a~"x"}', "above": 1}, "cannot be read"),
        ({"last": "m", "above": {}}, "the worse the severity"),
        ({"last": "m", "above": {"warning": 9, "critical": 5}}, "the worse the severity"),
        ({"last": "m", "below": {"warning": 5, "critical": 9}}, "the worse the severity"),
        ({"last": "m", "above": 5, "recover": 6}, "`recover` must not lie beyond"),
        ({"last": "m", "below": 5, "recover": 4}, "`recover` must not lie beyond"),
        (
            {"last": "m", "above": {"warning": 5}, "recover": {"critical": 4}},
            "a threshold of the same severity",
        ),
        ({"last": "m", "above": 5, "by": ["a b"]}, "`by.0`"),
        ({"last": "m", "above": 5, "message": "{value:>9}"}, "as they stand"),
        ({"last": "m", "above": 5, "message": "{value.real}"}, "as they stand"),
        ({"last": "m", "above": 5, "message": "{}"}, "as they stand"),
        ({"last": "m", "above": 5, "message": "{who}"}, "only {value}, {threshold}"),
        ({"last": "m", "above": 5, "message": "{value"}, "a brace itself is written twice"),
    ],
)
def test_what_is_not_sensible_is_refused(body: dict[str, Any], words: str) -> None:
    """The refusal says what to write instead."""
    with pytest.raises(Refused, match=words):
        rule(**body)


@pytest.mark.parametrize(
    ("body", "limits", "back", "sign"),
    [
        ({"above": 50}, {"warning": 50}, {"warning": 45}, 1),
        ({"below": 50}, {"warning": 50}, {"warning": 55}, -1),
        ({"above": -50}, {"warning": -50}, {"warning": -55}, 1),
        ({"above": 0}, {"warning": 0}, {"warning": 0}, 1),
        ({"above": 50, "severity": "critical"}, {"critical": 50}, {"critical": 45}, 1),
        (
            {"above": {"info": "5%", "critical": 1}},
            {"info": 0.05, "critical": 1},
            {"info": 0.045, "critical": 0.9},
            1,
        ),
        ({"above": 50, "recover": 40}, {"warning": 50}, {"warning": 40}, 1),
        (
            {"above": {"warning": 50, "critical": 90}, "recover": {"critical": 60}},
            {"warning": 50, "critical": 90},
            {"warning": 45, "critical": 60},
            1,
        ),
        (
            {"above": {"warning": 50, "critical": 90}, "recover": 40},
            {"warning": 50, "critical": 90},
            {"warning": 40, "critical": 40},
            1,
        ),
    ],
)
def test_levels(body: dict[str, Any], limits: Any, back: Any, sign: int) -> None:
    """A tenth back is a recovery where the rule says nothing else, on either side and for each severity."""
    found, recovery, way = rule(last="m", **body).levels()
    assert found == pytest.approx(limits)
    assert recovery == pytest.approx(back)
    assert way == sign


def test_unreachable_is_a_value_below_one() -> None:
    """Whether something answers is a metric of our own."""
    gone = rule(unreachable="gateway", severity="critical")
    assert gone.levels() == ({"critical": 1.0}, {"critical": 1.0}, -1)
    assert gone.condition.inputs()[0].selector.name == "gateway_up"
