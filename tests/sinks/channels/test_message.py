"""The one model of what a message says, from the escalation that knows it to the words."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from sinks.channels.message import built_in
from streams.messages.attempt import Attempt
from streams.timetable import read
from tables.scenario import Play
from tables.world import Answer, World

TIMETABLE = """
claim: x
documents:
  rules:
    - {name: high, last: cpu, above: "5", severity: critical, for: 0s, escalation_policy: ops, runbook: "https://wiki.example/high"}
  endpoints: [{name: one, channel: log}, {name: two, channel: log}, {name: three, channel: log}]
  policies: [{name: ops, steps: [{notify: [endpoint/one, endpoint/two]}, {after: 5m, notify: endpoint/three}]}]
at:
  - {t: 1s, until: 2m, every: 10s, samples: {series: {'cpu{n="1"}': 9}}}
  - {t: 1m, acknowledge: {rule: high, by: anna}}
until: 2m
expect: [{subject: call, what: firing}]
"""
READING = {
    "at": 0,
    "value": 52.0,
    "expected": 40.0,
    "low": 30.0,
    "high": 50.0,
    "score": 1.0,
    "part": "new level",
}


def test_all_that_people_ask_first() -> None:
    """What, where, since when, how bad, what to do, who else knows, and what happens if nobody does anything."""
    said: dict[str, Attempt] = {}

    def receive(attempt: Attempt) -> Answer:
        said.setdefault(attempt.notification.to.rpartition("/")[2], attempt)
        return Answer()

    Play(read(yaml.safe_load(TIMETABLE)), lambda documents, start, _: World(documents, start, receive)).run()
    message = built_in(said["one"])
    (alert,) = message.alerts
    assert (message.severity, message.others) == ("critical", "two")
    assert ("n", "1") in alert.labels
    assert alert.facts == (("Runbook", "https://wiki.example/high"),)
    assert message.next.startswith("endpoint three will be told by ")
    assert message.next.endswith(", unless somebody acknowledges")
    assert [name for name, _ in message.facts] == ["Also told", "Next", "Why you get this"]
    assert "three" not in said  # anna has it


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"next": "repeat", "next_to": ["endpoint/payments/a", "person/payments/b/sms"]},
            "endpoint a, person b/sms will",
        ),
        ({"next": "repeat", "next_to": []}, "everybody who was told will hear it again, unless"),
        (
            {"next": "last_resort", "next_to": ["user/payments/head"]},
            "user head will be told, as the last resort",
        ),
        (
            {"next": "step", "next_to": ["odd"], "next_at": 1_764_000_000_000},
            "will be told by 2025-11-24T16:00:00.000Z",
        ),
        ({"next": ""}, ""),
    ],
)
def test_what_comes_next(attempt: Any, fields: Any, words: str) -> None:
    """Each kind in words; whatever a name holds."""
    assert words in built_in(attempt(**fields)).next


def test_how_many_others(attempt: Any) -> None:
    """The first by name, the rest counted."""
    assert built_in(attempt(others=["a", "b"], more_others=7)).others == "a, b and 7 more"


@pytest.mark.parametrize(("since", "cause"), [(5, "new level: 52, where 30 to 50 is usual"), (None, "")])
def test_the_likely_cause(attempt: Any, since: int | None, cause: str) -> None:
    """Of an anomaly that lasts, what the model objected to; of one that is over, and of other rules, nothing."""
    made = attempt()
    alert = {
        "alert_id": "a",
        "status": "firing",
        "severity": "info",
        "message": "m",
        "labels": {},
        "since": 1,
    }
    anomalous = attempt(alerts=[alert | {"anomaly": READING | {"since": since}}])
    assert built_in(anomalous).alerts[0].cause == cause
    assert built_in(made).alerts[0].cause == ""
