"""Deadlines are the brokers', whatever this host believes."""

from __future__ import annotations

import pytest

from sinks.runtime.broker_clock import BrokerClock


@pytest.mark.parametrize("ahead", [31_000, -31_000, 0])
def test_a_host_that_is_wrong_is_put_right(ahead: int) -> None:
    """One acknowledgement is enough, to within the time that it took."""
    clock = BrokerClock(lambda: 5_000_000 + ahead)
    clock.observe(4_999_900 + ahead, 4_999_950, 5_000_000 + ahead)
    assert abs(clock() - 5_000_000) <= 50


def test_what_fits_changes_nothing() -> None:
    """A slow acknowledgement says less than a quick one, and takes nothing back."""
    clock = BrokerClock(lambda: 5_000_000)
    clock.observe(4_969_000, 4_938_000, 4_969_010)
    before = clock()
    clock.observe(4_970_000, 4_942_000, 4_975_000)
    assert clock() == before
