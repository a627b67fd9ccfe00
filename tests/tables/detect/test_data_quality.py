"""What casts doubt on an instance, in words."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from streams.telemetry.samples import Batch
from tables.detect.health import gateway
from tables.detect.health.data_quality import issues, unknown
from tables.detect.health.state import NOTHING, Gateway


def entry(claimed: int = 10_000, **fields: Any) -> Gateway:
    """A gateway whose source sent one frame at 10 s."""
    made, _ = gateway.arrive(NOTHING, Batch("g", "s", claimed, 0, 1, [], []), 10_000, 10_000)
    return gateway.with_source(made, "s", replace(made.sources["s"], **fields))


@pytest.mark.parametrize(
    ("known", "counts", "words"),
    [
        (entry(), True, ""),
        (entry(lost=True), False, "unknown because nothing has come from s for 1m"),
        (entry(untrusted=True), True, "blind: counters of s"),
        (entry(untrusted=True), False, ""),
        (entry(claimed=25_000), False, "clock skew: the clock of s is 15s ahead of ours"),
        (entry(claimed=4_000), False, "clock skew: the clock of s is 6s behind ours"),
    ],
)
def test_doubts(known: Gateway, counts: bool, words: str) -> None:
    """Each says what is wrong with the source, and only what concerns the rule."""
    said = issues(known, "s", counts)
    assert (len(said), "".join(said).startswith(words)) == (1 if words else 0, True)


def test_a_source_that_was_never_heard() -> None:
    """There is nothing to say of it."""
    assert (unknown(NOTHING, "s"), issues(NOTHING, "s", True)) == ("", [])
