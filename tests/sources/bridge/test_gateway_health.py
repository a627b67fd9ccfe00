"""How a gateway stands: since when something is wrong with it, why, and what would change that."""

from __future__ import annotations

import pytest

from sources.bridge.gateway_health import TroubleMemory, read
from sources.bridge.remedy import METRICS, UPSTREAMS
from sources.contextforge.answer import Garbage, Limited, Trouble, Unauthorised, Unavailable

REVOKED = Unauthorised(401, "Invalid token")


def test_one_fix_is_one_sentence() -> None:
    """A token that was revoked is refused everywhere, for one reason; two reasons are two sentences."""
    (both,) = TroubleMemory().now(1_000, {METRICS: REVOKED, UPSTREAMS: REVOKED})
    assert str(both) == (
        "since 1970-01-01T00:00:01Z: /metrics/prometheus, /v1/gateways: 401 Invalid token: The token is wrong, "
        "expired or revoked: make a new one with POST /v1/tokens and replace the token file."
    )
    two: dict[str, Trouble] = {
        METRICS: Unavailable(503, "disabled"),
        UPSTREAMS: Unauthorised(403, "Access denied"),
    }
    assert [one.paths for one in TroubleMemory().now(0, two)] == [(METRICS,), (UPSTREAMS,)]


def test_it_lasts_from_when_it_began() -> None:
    """Another reason is still the same outage; one that is over and comes back is another."""
    memory = TroubleMemory()
    polls: list[dict[str, Trouble]] = [
        {METRICS: REVOKED},
        {METRICS: Limited(60, asked=True)},
        {},
        {METRICS: REVOKED},
    ]
    told = [memory.now(at * 1_000, troubles) for at, troubles in enumerate(polls)]
    assert [one[0].since[-3:] if one else "" for one in told] == ["00Z", "00Z", "", "03Z"]


def test_the_seconds_that_are_left_are_no_news() -> None:
    """Or every poll of a lock-out would be another series."""
    first, second = (TroubleMemory().now(0, {METRICS: Limited(left, asked=False)}) for left in (600, 585))
    assert first == second


def test_what_a_gateway_writes_anew_each_time_is_no_news() -> None:
    """The id of a request in its answer: the first words stay until the fix is another, or the outage is over."""
    memory = TroubleMemory()
    polls: list[Trouble] = [*(Unavailable(500, f"request {n}") for n in range(3)), REVOKED]
    told = [memory.now(0, {UPSTREAMS: one})[0].status for one in polls]
    assert told == ["500 request 0"] * 3 + ["401 Invalid token"]
    memory.now(0, {})
    assert memory.now(0, {UPSTREAMS: polls[1]})[0].status == "500 request 1"


@pytest.mark.parametrize("words", ['a "quoted" word', "two\nlines", "a\\stroke", "{braces}, and=more"])
def test_what_was_sent_is_read_back(words: str) -> None:
    """Whatever a gateway says of itself."""
    said = TroubleMemory().now(0, {METRICS: REVOKED, UPSTREAMS: Garbage(words)})
    assert sorted(read([text for one in said for text in one.series()])) == sorted(said)


def test_other_series_are_passed_over() -> None:
    """A frame holds more than this, and outsiders send what they like."""
    assert read(["gateway_up", "gateway_trouble{", 'upstream_up{upstream="a"}']) == []
