"""What a person is asked to confirm says what a rule does."""

from __future__ import annotations

from typing import Any

import pytest

from api.documents.summary import summary
from streams.documents import registry


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"last": "gateway_ready", "below": "0.5"}, "warning when last gateway_ready, below 0.5, for 2m"),
        ({"unreachable": "gateway", "for": "1m"}, "warning when unreachable gateway, for 1m"),
        ({"anomaly": "calls_total", "by": ["upstream"]}, "warning when anomaly calls_total, by upstream, for 2m"),
    ],
)  # fmt: skip
def test_a_rule_is_summed_up_by_what_its_author_said(rule: dict[str, Any], words: str) -> None:
    """Metric and threshold, and nothing that is so by default."""
    assert summary(registry.read("rule", {"name": "r", **rule})) == words


SAID: dict[str, tuple[dict[str, Any], str]] = {
    "silence": (
        {"covers": 'severity="info"', "ends": "2026-12-01T00:00:00Z", "reason": "known", "owner": "anna"},
        'severity="info" is quiet until 2026-12-01T00:00:00Z: known',
    ),
    "maintenance": (
        {
            "covers": "everything", "starts": "2026-12-01T02:00", "lasts": "2h", "time_zone": "Europe/Berlin",
            "repeats": "weekly", "reason": "backup",
        },
        "everything is quiet, 2026-12-01T02:00 Europe/Berlin for 2h, weekly: backup",
    ),
    "inhibition": (
        {"source": 'rule="down"', "target": 'rule="slow"', "equal": ["gateway"]},
        'rule="slow" is quiet while rule="down" fires with the same gateway',
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", SAID)
def test_what_suppresses_says_what_and_until_when(kind: str) -> None:
    """Whoever confirms it knows what will not be told."""
    body, words = SAID[kind]
    assert summary(registry.read(kind, {"name": "x", **body})) == words


EXAMPLES: dict[str, Any] = {
    "rule": {"last": "gateway_ready", "below": 1},
    "endpoint": {"channel": "log"},
    "policy": {"steps": [{"notify": "endpoint/log"}]},
    "route": {"to": "endpoint/log"},
    "person": {"full_name": "Ben", "contact": [{"endpoint": "log"}]},
    "team": {"members": ["ben"]},
    "schedule": {"time_zone": "Europe/Berlin", "starts": "2026-11-02", "people": ["ben"]},
    "dismissal": {"instance": "g|r|", "at": "2026-11-02T00:00:00Z"},
    "probe": {"hosts": ["example.com"]},
    "view": {"shows": "severity=critical"},
    "override": {
        "schedule": "duty",
        "person": "ben",
        "starts": "2026-12-01T00:00:00Z",
        "ends": "2026-12-02T00:00:00Z",
    },
    "report": {
        "to": "endpoint/log",
        "last": "1d",
        "format": "csv",
        "time_zone": "UTC",
        "starts": "2026-12-01 08:00",
        "repeats": "daily",
    },
    "calendar": {"shows": "schedule/duty", "digest": "0" * 64},
} | {kind: body for kind, (body, _) in SAID.items()}


@pytest.mark.parametrize("kind", registry.KINDS)
def test_every_kind_is_summed_up(kind: str) -> None:
    """A plan has words for each kind of document."""
    assert summary(registry.read(kind, {"name": "x", **EXAMPLES[kind]}))
