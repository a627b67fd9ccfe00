"""What a gateway's exposition says of the gateway itself: how many upstreams it has, and whether its checker runs.

Text of /metrics/prometheus in, a number out; None where this version of the gateway does not say it.
"""

from __future__ import annotations

import math

STATUSES = ("active", "pending")  # those that are being deleted are in no list
CHECKS = "gateway_health_check_batch_duration_seconds_count"  # since 1.1.0: rounds of the health checker
LONGEST = 60  # characters of a number


def value(text: str, series: str) -> float | None:
    """The value of a series, by its exact text; None where it is not there, or has no number."""
    start = text.find(f"\n{series} ")
    if start < 0:
        return None
    begin = start + len(series) + 2
    words = text[begin : begin + LONGEST].split(None, 1)
    try:
        number = float(words[0]) if words else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def registered(text: str) -> int | None:
    """How many upstreams the gateway has, whoever may see them."""
    counts = [value(text, f'gateway_lifecycle_status{{status="{status}"}}') for status in STATUSES]
    known = [int(count) for count in counts if count is not None]
    return sum(known) if known else None


class HealthChecker:
    """For how long the gateway's health checker has not run; while it stands still, every `reachable` is stale."""

    def __init__(self) -> None:
        """Nothing has been read yet."""
        self._rounds: float | None = None
        self._since = 0

    def silent(self, at: int, text: str, upstreams: bool) -> float | None:
        """Seconds since its count moved, at `at` (ms UTC); 0 where there are no upstreams: it has no work then."""
        rounds = value(text, CHECKS)
        if rounds is None:
            return None
        if rounds != self._rounds or not upstreams:
            self._rounds, self._since = rounds, at
        return (at - self._since) / 1000
