"""Several processes behind one address, and one that restarts, at random."""

from __future__ import annotations

import random
from typing import Any

import pytest

from streams.telemetry import samples
from tests.tables.detect.alone import START, Life

NAME = 'c_total{n="a"}'
RULE: dict[str, Any] = {
    "name": "r",
    "increase": "c_total",
    "over": "60m",
    "above": 50,
    "recover": 50,
    "for": "0s",
}


class Answers(Life):
    """A life of frames of one counter, each of some process."""

    def hear(self, start: float, value: float) -> None:
        """A process that began at a second shows its counter."""
        values = {"process_start_time_seconds": start, NAME: value}
        for raw in samples.frame("g", "s", self.now, list(values), list(values.values())):
            self.apply(raw)

    def untrusted(self) -> bool:
        """Whether counters of the source are blind."""
        return bool(self.machine.rows["gateway/g"].value.sources["s"].untrusted)


@pytest.mark.parametrize("seed", range(40))
def test_several_processes_are_told_at_the_first_frame_that_shows_them(seed: int) -> None:
    """However old each is and in whatever order they answer; what lies between their counters is never growth."""
    chance, life = random.Random(seed), Answers()
    life.put(RULE)
    starts = chance.sample(range(START // 1_000 - 90_000, START // 1_000 - 60), chance.choice([2, 3, 4]))
    counts, answered = [float(chance.randrange(10_000)) for _ in starts], set[int]()
    for _ in range(25):
        life.pass_until(life.now + 15_000)
        process = chance.randrange(len(starts))
        answered.add(process)
        counts[process] += chance.choice([0, 1])
        life.hear(float(starts[process]), counts[process])
        assert life.untrusted() is (len(answered) > 1)
        assert not life.firing('n="a"')


@pytest.mark.parametrize("seed", range(40))
def test_a_restart_is_one(seed: int) -> None:
    """A process that begins between two frames is the next one: all that each has counted is growth."""
    chance, life = random.Random(seed), Answers()
    life.put(RULE | {"above": 1e9, "recover": 1e9})
    start, count, grown = START / 1_000 - 5_000, float(chance.randrange(1_000)), 0.0
    for n in range(30):
        before = life.now
        life.pass_until(life.now + 15_000)
        if n and chance.random() < 0.15:
            start, last = chance.uniform(before / 1_000, life.now / 1_000), count
            count = float(chance.randrange(max(1, int(last))))
            grown += count if count < last else count - last
        else:
            more = chance.choice([0, 1, 7])
            count, grown = count + more, grown + (more if n else 0)
        life.hear(start, count)
        assert not life.untrusted()
    assert life.machine.rows["instance/g/00000"].value.value[0] == pytest.approx(grown)


def test_counters_are_watched_anew_after_an_hour_with_one_process() -> None:
    """What came before is no part of their windows, and too little is found only after a whole one."""
    life = Answers()
    life.put(RULE | {"over": "2h", "above": None, "below": 5, "recover": 5} | {"name": "r"})
    old, other = START / 1_000 - 9_000, START / 1_000 - 3_000
    for n in range(4):
        life.pass_until(life.now + 20_000)
        life.hear(old if n % 2 else other, 7_000.0 if n % 2 else 10.0)
    assert life.untrusted()
    trusted: int | None = None
    while not life.firing('n="a"'):
        life.pass_until(life.now + 20_000)
        life.hear(other, 10.0)
        trusted = life.now if trusted is None and not life.untrusted() else trusted
    assert trusted is not None
    assert life.now - trusted == 2 * 3_600_000
