"""What a person is asked to confirm says what a rule does."""

from __future__ import annotations

from typing import Any

import pytest

from api.documents.plan import summary
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
