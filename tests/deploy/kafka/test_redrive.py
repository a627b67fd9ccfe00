"""Which dead letters would bring nothing if they were sent back."""

from __future__ import annotations

from typing import Any

import pytest

from streams.messages.dead_letter import foreign, useless
from streams.messages.envelope import encode
from streams.messages.tick import Tick

NOW = 1_764_000_000_000
TICK = Tick(id="t", at=NOW, processed=NOW).encode()
SAMPLES = encode("samples", "s", NOW - 600_001, {})


@pytest.mark.parametrize(
    ("value", "headers", "says"),
    [
        (b"no JSON", {}, ""),
        (encode("samples", "s", NOW - 600_000, {}), {}, ""),
        (encode("event", "e", 0, {}), {"id": b"detect-0!7!"}, ""),
        (encode("verdicts", "v", 0, {}), {"id": b"respond-0!7!verdict 1"}, ""),
        (encode("verdicts", "v", 0, {}), {"id": b"respond-0!7!3/payments/a!b"}, "quarantine"),
        (TICK, {"id": b"deliver-1!7!"}, "tick"),
        (SAMPLES, {}, "older than 10 minutes"),
        (b"{}", {"whole": b"no"}, "hash"),
        (b"{}", {"whole": b"before"}, "another letter before it"),
    ],
)
def test_useless(value: bytes, headers: dict[str, Any], says: str) -> None:
    """Ticks, rows in quarantine and old samples stay where they are, with the reason; all else may go."""
    why = useless({"whole": b"yes"} | headers, value, NOW)
    assert says in why
    assert bool(says) == bool(why)


LETTER = {"topic": b"config", "partition": b"0", "offset": b"1", "reason": b"no"}


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({}, "no letter of ours"),
        ({"topic": b"telemetry"}, "no letter of ours"),
        (LETTER | {"topic": b"detect-rows-changelog"}, "nothing is sent back to"),
        (LETTER | {"partition": b"x"}, "nothing is sent back to"),
        (LETTER, ""),
    ],
)
def test_foreign(headers: dict[str, bytes], says: str) -> None:
    """What others put among the letters is told apart before it can be sent anywhere."""
    why = foreign(headers)
    assert says in why
    assert bool(says) == bool(why)
