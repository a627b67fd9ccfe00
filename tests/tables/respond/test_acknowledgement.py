"""Acknowledgements that end, under crashes."""

from __future__ import annotations

import pytest

from streams.messages.command import Command, Principal
from tables.kernel.output import Output
from tables.respond.machine import Respond
from tests.tables.respond.test_bounds import Crowd
from tests.tables.torture import Log, faults, plain

START = 1_764_547_200_000
STEP = 20_000  # ms between ticks: they are attended to


class Recording(Crowd):
    """A group whose log is kept."""

    def __init__(self) -> None:
        self.log: Log = []
        super().__init__()

    def hear(self, raw: bytes, stamp: int) -> list[Output]:
        """Apply and keep one message."""
        self.log.append((stamp, raw))
        return super().hear(raw, stamp)


def logged() -> Log:
    """Fifty critical alerts fire in two waves, are acknowledged, and again; and two hours pass."""
    crowd, by = Recording(), Principal(name="anna", admin=True)
    for n in range(400):
        stamp = START + STEP * n
        if n == 1:
            list(crowd.verdicts(40, 1))
        if n == 20:
            list(crowd.verdicts(50, 1))
        if n in (10, 30, 100):
            instance = crowd.verdict(0, 1).instance
            crowd.say(Command(id=f"c{n}", at=stamp, do="acknowledge", team="t", by=by, alert=instance), stamp)
        crowd.tick(stamp)
    return crowd.log


@pytest.mark.parametrize("seed", range(5))
def test_an_end_under_torture(seed: int) -> None:
    """However often the machine dies, each alert is held, held longer and let go of once."""
    log = logged()
    said = [output.raw for output in plain(Respond, log)[0]]
    for what, times in (("acknowledged", 50), ("extended", 50), ("unacknowledged", 50), ("reminder", 1)):
        assert sum(f'"what":"{what}"'.encode() in raw and b'"kind":"change"' in raw for raw in said) >= times
    assert faults(Respond, log, seed) == []
