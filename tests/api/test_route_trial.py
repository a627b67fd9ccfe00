"""`tocsin routes test`: what follows from an alert, before anything is put."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

DOCUMENTS = """\
endpoints:
  - {name: desk, channel: log}
  - {name: boss, channel: log}
  - {name: diary, channel: log}
policies:
  - name: main
    steps:
      - notify: endpoint/desk
      - after: 10m
        notify: endpoint/boss
routes:
  - {name: all, to: endpoint/diary, continue: yes}
  - {name: bad, when: severity="critical", to: policy/main}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of documents."""
    (tmp_path / "routes.yaml").write_text(DOCUMENTS)
    return tmp_path / "routes.yaml"


def test_an_alert_joins_a_group_for_each_route(tocsin: Any, file: Path) -> None:
    """And each of them tells its own people, step by step."""
    code, said = tocsin("routes", "test", str(file), "--labels", "severity=critical, gateway=prod", "--json")
    found = orjson.loads(said)
    assert (code, len(found["groups"])) == (0, 2)
    told = {one["to"]: one for one in reversed(found["told"])}
    assert {"endpoint/platform/desk", "endpoint/platform/boss", "endpoint/platform/diary"} <= set(told)
    assert [told[f"endpoint/platform/{name}"]["after"] for name in ("desk", "boss")] == [0, 600_000]
    assert all(one["reason_code"] and one["reason"] for one in found["told"])


def test_a_route_that_does_not_match_is_not_gone(tocsin: Any, file: Path) -> None:
    """A warning is for the diary alone."""
    code, said = tocsin("routes", "test", str(file), "--labels", "severity=warning")
    assert (code, said.count("joins group"), "desk" in said) == (0, 1, False)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--labels", "critical"), "'critical' is no label: write name=value"),
        (("--labels", "severity=bad"), "`severity` is one of info, warning, critical, not 'bad'"),
        (("--for", "2d"), "at most 24h"),
    ],
)
def test_what_cannot_be_tried(tocsin: Any, file: Path, options: tuple[str, ...], words: str) -> None:
    """It says which option, and what to write."""
    code, said = tocsin("routes", "test", str(file), *options)
    assert (code, words in said) == (1, True), said


def test_why_others_are_not_told_is_said(tocsin: Any, tmp_path: Path) -> None:
    """What a route names and does not exist, and a schedule that has nobody, each with its code."""
    (tmp_path / "x.yaml").write_text(
        "routes: [{name: a, to: policy/p, continue: yes}, {name: b, to: endpoint/mispelt}]\n"
        "policies: [{name: p, steps: [{notify: schedule/s}]}]\n"
        "people: [{name: amy, contact: [{endpoint: log}]}]\n"
        "schedules: [{name: s, time_zone: UTC, starts: 2199-01-01, people: [amy]}]\n"
    )
    code, said = tocsin("routes", "test", str(tmp_path / "x.yaml"), "--labels", "severity=critical")
    assert code == 0
    assert "warning (plan_warning: endpoint mispelt does not exist: the log is told instead)" in said
    assert "not sent (nobody_on_call: step 1 is passed over: nobody is on call in schedule s)" in said
    _, said = tocsin("routes", "test", str(tmp_path / "x.yaml"), "--labels", "severity=critical", "--json")
    assert {one["reason_code"] for one in orjson.loads(said)["untold"]} == {"plan_warning", "nobody_on_call"}


def test_a_circle_of_routes_is_refused(tocsin: Any, tmp_path: Path) -> None:
    """None of them would ever be taken."""
    (tmp_path / "x.yaml").write_text(
        "routes: [{name: a, within: b, to: endpoint/log}, {name: b, within: a, to: endpoint/log}]\n"
    )
    code, said = tocsin("routes", "test", str(tmp_path / "x.yaml"))
    assert (code, "route a: `within` goes round in a circle (a → b → a)" in said) == (1, True), said
