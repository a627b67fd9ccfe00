"""Rules: which conditions are sensible, and what their thresholds come to."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from streams.documents import registry
from streams.documents.conditions.anomaly import SCORE, Anomaly
from streams.documents.conditions.condition_input import FUNCTIONS
from streams.documents.rule import Rule
from streams.errors import Refused
from tables.anomaly.config import FREEZE_FOR, REST, THRESHOLD
from tables.anomaly.kind import Kind
from tables.anomaly.options import Direction, Seasonality, Sensitivity


def rule(**body: Any) -> Rule:
    """A rule of these fields."""
    read = registry.read("rule", {"name": "n", **body})
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
        ({"unreachable": "server"}, "`unreachable`"),
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
        ({"last": "m", "above": 1, "sensitivity": "high"}, "`sensitivity` belongs to a condition `anomaly`"),
        ({"anomaly": "m", "last": "m"}, "not last, anomaly"),
        ({"anomaly": "m", "below": 1}, "leave out `below`, say `direction: down`"),
        ({"anomaly": "m", "above": 5}, "`above`: a score lies between 0 and 1, 0.9 being"),
        ({"anomaly": "m", "recover": 0}, "`recover`: a score lies between 0 and 1, 0.9 being"),
        ({"anomaly": "m{"}, "`anomaly`: 'm{' does not name a metric"),
        ({"anomaly": 'm{a=~"("}'}, "`anomaly`: pattern '\\(' cannot be compiled"),
        ({"anomaly": "a / b", "at_least": -5}, "`at_least` is a number of calls, not -5"),
        (
            {"anomaly": "m", "above": {"warning": 0.9}, "severity": "critical"},
            "`severity`: the thresholds are those of warning",
        ),
        (
            {"last": "m", "above": 1, "message": "{band}"},
            "`message`: only a condition `anomaly` fills in {band}",
        ),
        ({"anomaly": "m", "above": {"warning": 0.97, "critical": 0.9}}, "the worse the severity"),
        ({"anomaly": "m", "recover": 0.95}, "`recover` must not lie beyond"),
        ({"anomaly": "m", "over": "2h"}, "`over` is what one row of an `anomaly` spans: 1s to 1h"),
        ({"anomaly": "m", "direction": "sideways"}, "`direction`"),
        ({"anomaly": "m", "sensitivty": "high"}, "did you mean `sensitivity`"),
        (
            {"anomaly": "m_seconds_bucket"},
            "write m_seconds_count, or m_seconds_sum / m_seconds_count for the mean",
        ),
        ({"anomaly": "a / b", "kind": "counter"}, "`kind`: a ratio of counters is no counter"),
        ({"anomaly": "a/b"}, "does not name a metric.*a ratio has spaces around its stroke"),
        ({"anomaly": "m", "at_least": 5}, "`at_least` bounds the denominator"),
        ({"event": "e", "last": "m"}, "not last, event"),
        ({"event": "a b"}, "`event.0`"),
        ({"event": []}, "`event`"),
        ({"event": "e", "above": 3}, "`above` counts events in a window: add `over: 5m`"),
        ({"event": "e", "over": "5m"}, "`over` is the window in which `above` counts"),
        ({"event": "e", "below": 3, "over": "5m"}, "`below` is said of series, not of an `event`"),
        ({"event": "e", "missing": "alert"}, "`missing` is said of series"),
        ({"event": "e", "where": "a~b"}, "`where`: matcher near .* cannot be read"),
        ({"event": "e", "where": 'a=~"("'}, "`where`: pattern .* cannot be compiled"),
        ({"event": "e", "ends_where": "a=b"}, "`ends_where` narrows `ends_with`"),
        ({"event": "e", "absent_for": "1h", "ends_with": "f"}, "leave out `ends_with`"),
        ({"event": "e", "absent_for": "1h", "first_seen": "ip"}, "not absent_for, first_seen"),
        ({"event": "e", "absent_for": "5ms"}, "`absent_for` is at least 1s"),
        ({"event": "e", "ends_after": "5ms"}, "`ends_after` is at least 1s"),
        ({"event": "e", "above": 3, "over": "5m", "ends_after": "1h"}, "leave out `ends_after`"),
        ({"event": "e", "above": 3, "over": "5m", "for": "1m"}, "`for`: `over` says already for how long"),
        ({"event": "e", "absent_for": "1h", "for": "1m"}, "`for`: `absent_for` says already"),
        ({"event": "e", "above": {"warning": 9, "critical": 5}, "over": "1m"}, "the worse the severity"),
        ({"last": "m", "above": 1, "first_seen": "ip"}, "`first_seen` belongs to a condition `event`"),
        ({"last": "m", "above": 1, "message": "{detail}"}, "only a condition `event` fills in {detail}"),
    ],
)
def test_what_is_not_sensible_is_refused(body: dict[str, Any], words: str) -> None:
    """The refusal says what to write instead."""
    with pytest.raises(Refused, match=words):
        rule(**body)


def test_an_event_is_not_held_back() -> None:
    """`for` is nothing unless it is said; a document says it ever after."""
    read = rule(event="e")
    assert (read.for_, rule(**read.body()).for_, rule(event="e", **{"for": "1m"}).for_) == (0, 0, 60_000)
    assert rule(**read.body()) == read


@pytest.mark.parametrize(
    ("body", "limits", "back", "sign"),
    [
        ({"above": 50}, {"warning": 50}, {"warning": 50}, 1),
        ({"below": 50}, {"warning": 50}, {"warning": 50}, -1),
        ({"below": 1}, {"warning": 1}, {"warning": 1}, -1),
        ({"above": -50}, {"warning": -50}, {"warning": -50}, 1),
        ({"above": 0}, {"warning": 0}, {"warning": 0}, 1),
        ({"above": 50, "severity": "critical"}, {"critical": 50}, {"critical": 50}, 1),
        (
            {"above": {"info": "5%", "critical": 1}},
            {"info": 0.05, "critical": 1},
            {"info": 0.05, "critical": 1},
            1,
        ),
        ({"above": 50, "recover": 40}, {"warning": 50}, {"warning": 40}, 1),
        (
            {"above": {"warning": 50, "critical": 90}, "recover": {"critical": 60}},
            {"warning": 50, "critical": 90},
            {"warning": 50, "critical": 60},
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
    """What no longer breaches is a recovery where the rule says nothing else, on either side and for each severity."""
    found, recovery, way = rule(last="m", **body).levels()
    assert found == limits
    assert recovery == back
    assert way == sign


def test_unreachable_is_a_value_below_one() -> None:
    """Whether something answers is a metric of our own."""
    gone = rule(unreachable="gateway", severity="critical")
    assert gone.levels() == ({"critical": 1.0}, {"critical": 1.0}, -1)
    assert gone.condition.inputs()[0].selector.name == "gateway_up"


@pytest.mark.parametrize(
    ("metric", "kind"),
    [
        ("http_requests_total", "counter"),
        ("http_request_duration_seconds_count", "counter"),
        ("http_request_duration_seconds_sum / http_request_duration_seconds_count", "latency"),
        ('tool_calls_total{result="error"} / tool_calls_total', "errors"),
        ("response_seconds", "latency"),
        ("queue_depth", "queue"),
        ("rate_limit_used_ratio", "saturation"),
        ("error_ratio", "errors"),
        ("requests_per_second_rate", "rate"),
        ("process_start_time", "gauge"),
    ],
)
def test_a_metrics_name_says_its_kind(metric: str, kind: str) -> None:
    """What the name says is taken, unless the rule says something else."""
    assert rule(anomaly=metric).condition.signal() == kind
    assert rule(anomaly=metric, kind="gauge").condition.signal() == "gauge"


@pytest.mark.parametrize(
    ("body", "function", "window", "row"),
    [
        ({"anomaly": "calls_total"}, "increase", 1_000, 60_000),
        ({"anomaly": "calls_total", "by": "gateway", "over": "5m"}, "increase", 1_000, 300_000),
        ({"anomaly": "heat"}, "last", 0, 60_000),
        ({"anomaly": "heat", "by": "gateway"}, "avg", 1_000, 60_000),
        ({"anomaly": "queue_depth", "by": "gateway"}, "last", 0, 60_000),
        ({"anomaly": "a / b"}, "increase", 300_000, 60_000),
        ({"anomaly": "a / b", "over": "30s"}, "increase", 30_000, 30_000),
    ],
)
def test_what_an_anomaly_takes_of_a_frame(body: dict[str, Any], function: str, window: int, row: int) -> None:
    """Counters by their increase, groups by sum or mean as the kind says, ratios over a window."""
    condition = rule(**body).condition
    assert (condition.inputs()[0].function, condition.window, condition.row) == (function, window, row)


def test_an_anomaly_needs_no_threshold() -> None:
    """The shipped one holds for every series, at the rule's own severity; scores by severity may be said."""
    limits, back, _ = rule(anomaly="m").levels()
    assert limits == {"warning": 0.9}
    assert back["warning"] == pytest.approx(0.81)
    steps = rule(anomaly="m", above={"info": 0.9, "critical": 0.98}, recover=0.5).levels()
    assert steps == ({"info": 0.9, "critical": 0.98}, {"info": 0.5, "critical": 0.5}, 1)


def test_a_rule_says_of_anomalies_what_the_model_knows() -> None:
    """The words of documents are those of the model, and so is the threshold."""
    fields = Anomaly.model_fields
    for name, words in (
        ("direction", Direction),
        ("sensitivity", Sensitivity),
        ("seasonality", Seasonality),
        ("kind", Kind),
    ):
        said = {one for part in get_args(fields[name].annotation) for one in get_args(part) or (part,)}
        assert said - {type(None)} == set(words)
    assert (SCORE, fields["quiet"].default, fields["learn_while_firing"].default) == (
        THRESHOLD,
        REST,
        FREEZE_FOR,
    )
