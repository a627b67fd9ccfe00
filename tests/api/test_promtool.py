"""Prometheus's rules and promtool's tests of them, brought to us: what maps means the same, and the rest says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from api.promtool.alert_rules import name, rules
from api.promtool.expression import condition
from api.promtool.rule_tests import scenarios, values
from streams import timetable
from streams.errors import Refused
from tables.scenario import Play, unmet

OVER = {"over": "300s", "above": 4.0, "recover": 4.0}


@pytest.mark.parametrize(
    ("expression", "fields"),
    [
        ("up == 0", {"last": "up", "equals": 0.0}),
        ('((load{host=~"a|b"}) > 4)', {"last": 'load{host=~"a|b"}', "above": 4.0, "recover": 4.0}),
        ("avg_over_time(load[5m]) > 4", {"avg": "load", **OVER}),
        ("sum by (host) (rate(calls_total[5m])) > 4", {"rate": "calls_total", "by": ["host"], **OVER}),
        ("sum(increase(calls_total[5m])) > 4", {"increase": "calls_total", "by": ["gateway"], **OVER}),
        ("max(max_over_time(load[5m])) by (host) > 4", {"max": "load", "by": ["host"], **OVER}),
        (
            'sum(rate(c_total{path="/a/b",code=~"5.."}[5m])) / sum(rate(c_total[5m])) > 4',
            {"ratio": 'c_total{path="/a/b",code=~"5.."} / c_total', "by": ["gateway"], **OVER},
        ),
        ("quantile_over_time(0.9, load[5m]) > 4", {"quantile": "0.9 of load", **OVER}),
        (
            "histogram_quantile(0.99, sum by (le, host) (rate(wait_bucket[5m]))) > 4",
            {"quantile": "0.99 of wait_bucket", "by": ["host"], **OVER},
        ),
    ],
)
def test_an_expression_maps(expression: str, fields: dict[str, Any]) -> None:
    """The condition reads the same series over the same window, and compares with the same number."""
    assert condition(expression) == fields


@pytest.mark.parametrize(
    "expression",
    [
        "absent(up)",
        "a > b",
        "sum(load) > 4",
        "a / b > 2",
        "topk(3, load) > 4",
        "rate(a[5m]) / rate(b[1m]) > 2",
    ],
)
def test_what_does_not_map_is_refused(expression: str) -> None:
    """Rather than taken for something else."""
    with pytest.raises(Refused, match=r"maps|counterpart"):
        condition(expression)


def test_values() -> None:
    """Values are read as promtool writes them."""
    assert values("1 2x2 0+10x2 5-1x1 _ _x2 stale -3") == [
        1, 2, 2, 2, 0, 10, 20, 5, 4, None, None, None, None, -3,
    ]  # fmt: skip
    with pytest.raises(Refused, match="'two'"):
        values("1 two")


RULES = """
groups:
- name: a
  rules:
  - {record: x, expr: y}
  - alert: HostDown
    expr: up{job="app"} == 0
    for: 2m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.host }} is down {", runbook_url: "https://runbooks.example/1"}
  - {alert: ManyErrors, expr: 'sum by (host) (increase(errors_total[5m])) > 20'}
  - {alert: Absent, expr: absent(up)}
"""
TESTS = """
rule_files: [rules.yml]
tests:
- interval: 1m
  input_series:
  - {series: 'up{job="app",host="a"}', values: "1x3 0x10"}
  - {series: 'up{job="app",host="b"}', values: "1x20"}
  - {series: 'errors_total{host="a"}', values: "0x5 10+10x10"}
  alert_rule_test:
  - {eval_time: 3m, alertname: HostDown, exp_alerts: []}
  - eval_time: 8m
    alertname: HostDown
    exp_alerts: [{exp_labels: {severity: page, host: a, job: app}}]
  - {eval_time: 10m, alertname: ManyErrors, exp_alerts: [{exp_labels: {host: a}}]}
  - {eval_time: 10m, alertname: Absent, exp_alerts: []}
"""


def test_rules_are_read() -> None:
    """Name, severity, message and runbook come along; a rule that does not map says why."""
    down, errors, absent = rules(yaml.safe_load(RULES))
    assert down.body is not None
    assert errors.body is not None
    assert (down.body["name"], down.body["severity"], down.body["for"]) == ("host-down", "critical", "120s")
    assert (down.body["message"], down.body["runbook"]) == (
        "{labels} is down {{",
        "https://runbooks.example/1",
    )
    assert (errors.body["severity"], absent.body) == ("warning", None)
    assert "only a comparison with a number maps" in absent.why
    assert name("KubeAPI_ErrorBudget") == "kube-api-error-budget"


def test_tests_hold_here_as_they_hold_there() -> None:
    """The scenario fires when promtool's test wants it, for the series that it names, and not before."""
    (scenario,) = scenarios(yaml.safe_load(TESTS), list(rules(yaml.safe_load(RULES))))
    table = timetable.read(scenario)
    happened = Play(table).run()
    assert len(table.expect) == 6
    assert [words for expected in table.expect if (words := unmet(expected, happened))] == []
    wrong = yaml.safe_load(TESTS.replace("host: a}}]", "host: b}}]"))
    (other,) = scenarios(wrong, list(rules(yaml.safe_load(RULES))))
    assert [expected for expected in timetable.read(other).expect if unmet(expected, happened)]


def test_the_verb(tocsin: Any, tmp_path: Path) -> None:
    """Documents on one side, what does not map on the other, scenarios in a folder."""
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "tests.yml").write_text(TESTS)
    files = (str(tmp_path / "rules.yml"), str(tmp_path / "tests.yml"))
    code, said = tocsin("rules", "import", *files, "--scenarios", str(tmp_path / "scenarios"))
    assert (code, "name: host-down" in said, "2 of 3 rules map" in said) == (0, True, True), said
    assert "Absent does not map" in said
    assert tocsin("backtest", str(tmp_path / "scenarios" / "tests-1.yaml"))[0] == 0
    (tmp_path / "odd.yml").write_text("a: 1")
    code, said = tocsin("rules", "import", str(tmp_path / "odd.yml"))
    assert (code, "neither `groups` of rules nor `tests`" in said) == (1, True)


@pytest.mark.parametrize(
    "text",
    [
        "groups: [5]",
        "groups: [{rules: [{alert: A}]}]",
        "groups: [{rules: [{alert: A, expr: up > 1, labels: 5}]}]",
        "groups: 5",
        "tests: [5]",
        RULES + TESTS.replace("interval: 1m", "interval: 0s"),
        RULES + TESTS.replace("alertname: HostDown, exp_alerts", "exp_alerts: [5], alertname: HostDown, x"),
    ],
)
def test_a_file_of_another_shape_is_named(tocsin: Any, tmp_path: Path, text: str) -> None:
    """In one line, whatever stands in it."""
    (tmp_path / "odd.yml").write_text(text)
    code, said = tocsin("rules", "import", str(tmp_path / "odd.yml"), "--scenarios", str(tmp_path / "made"))
    assert (code, "odd.yml: " in said.splitlines()[-1], "Traceback" in said) == (1, True, False), said
