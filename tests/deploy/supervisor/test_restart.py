"""The decision after a process has ended: pure, and with its reason."""

from __future__ import annotations

import pytest

from deploy.supervisor.child import Restart
from deploy.supervisor.restart import Again, Done, GiveUp, decide, delay


def test_pauses_grow_up_to_ten_seconds() -> None:
    """The first start again comes at once; every other pause is longer: a worker that dies at once must not spin."""
    assert [delay(failures) for failures in range(1, 9)] == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    assert delay(10_000) == 10.0


def test_a_healthy_minute_forgives_earlier_failures() -> None:
    """The count starts again at one."""
    assert decide(Restart.ALWAYS, 1, lived=60.0, failures=7) == Again(0.0, 1, "ended with exit code 1")


def test_a_quick_death_counts_on() -> None:
    """The reason spells the signal."""
    assert decide(Restart.ALWAYS, -9, lived=59.9, failures=2) == Again(1.0, 3, "ended by signal 9")


def test_a_server_that_ends_well_is_started_again() -> None:
    """A server has no reason to end of itself."""
    assert isinstance(decide(Restart.ALWAYS, 0, 1.0, 0), Again)


def test_a_step_is_done_when_it_ends_well() -> None:
    """Else it is tried again."""
    assert decide(Restart.UNTIL_DONE, 0, 1.0, 3) == Done()
    assert isinstance(decide(Restart.UNTIL_DONE, 1, 1.0, 0), Again)


@pytest.mark.parametrize("policy", Restart)
@pytest.mark.parametrize("exit_code", [78, 2])
def test_what_the_operator_has_to_change_is_not_repeated(policy: Restart, exit_code: int) -> None:
    """EX_CONFIG, and the usual code for a wrong command line, say that another try would say the same."""
    assert isinstance(decide(policy, exit_code, 1.0, 0), GiveUp)
