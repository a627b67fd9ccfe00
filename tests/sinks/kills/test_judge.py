"""The judge of the kills finds each kind of fault in what a sound run leaves."""

from __future__ import annotations

import pytest

from tests.sinks.kills.judge import Call, Killed, Told, judged

MEANT = [Told("ntfy", "a"), Told("webhook", "b")]
CALLS = [Call(MEANT[0], 10.0, "1"), Call(MEANT[1], 11.0, "2"), Call(MEANT[1], 14.0, "2")]
OUTCOMES = {MEANT[0]: 10.1, MEANT[1]: 14.1}
KILLS = [Killed("deliver", 9.0), Killed("sinks", 11.5), Killed("respond", 13.0)]


def test_a_sound_run() -> None:
    """A call that was in flight when its sink was killed is made again, and counted."""
    found = judged(MEANT, CALLS, OUTCOMES, KILLS)
    assert (found["faults"], found["duplicates"], found["most_at_one_kill"]) == (0, 1, 1)
    assert found["duplicates_by_channel"] == {"webhook": 1}


@pytest.mark.parametrize(
    ("calls", "kills", "fault"),
    [
        (CALLS[1:], KILLS, "lost"),
        ([*CALLS, Call(Told("ntfy", "c"), 12.0, "")], KILLS, "invented"),
        ([*CALLS[:2], Call(MEANT[1], 14.0, "3")], KILLS, "other_id"),
        (CALLS, [KILLS[0], KILLS[2]], "unexplained"),
        ([*CALLS, Call(MEANT[0], 12.0, "1")], KILLS, "unexplained"),  # its outcome had long been told
    ],
)
def test_faults(calls: list[Call], kills: list[Killed], fault: str) -> None:
    """Each by its name, and nothing besides."""
    found = judged(MEANT, calls, OUTCOMES, kills)
    assert (found[fault], found["faults"]) == (1, 1)
