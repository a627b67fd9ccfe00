"""What the supervisor does after a process has ended: a pure decision with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.supervisor.child import Restart

FIRST_DELAY = 0.5  # seconds, before the second start again; the first comes at once: nobody judges meanwhile
LONGEST_DELAY = 10.0
HEALTHY_AFTER = 60.0  # seconds of life after which earlier failures no longer count
MISCONFIGURED = 78  # EX_CONFIG of sysexits.h: the operator has to act, a restart would repeat the message
OPERATORS = {2, MISCONFIGURED}  # 2 is what programs say of words that they do not understand


@dataclass(frozen=True)
class Again:
    """Start it once more after a pause; `failures` is the count to go on with."""

    after: float
    failures: int
    reason: str


@dataclass(frozen=True)
class Done:
    """The step has done its work."""


@dataclass(frozen=True)
class GiveUp:
    """A restart would not help."""

    reason: str


def decide(policy: Restart, exit_code: int, lived: float, failures: int) -> Again | Done | GiveUp:
    """What follows the end of a run that `lived` so many seconds, after `failures` without a healthy minute."""
    if exit_code == 0 and policy is Restart.UNTIL_DONE:
        return Done()
    if exit_code in OPERATORS:
        return GiveUp("it says that its configuration has to be changed first")
    counted = 1 if lived >= HEALTHY_AFTER else failures + 1
    return Again(delay(counted), counted, spell_exit(exit_code))


def delay(failures: int) -> float:
    """The pause in seconds after so many failures in a row: 0, 0.5, 1, 2, 4, 8, 10, 10, …."""
    return min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(failures - 2, 10)) if failures > 1 else 0.0


def spell_exit(exit_code: int) -> str:
    """How a process ended, in words; negative numbers are signals."""
    return f"ended by signal {-exit_code}" if exit_code < 0 else f"ended with exit code {exit_code}"
