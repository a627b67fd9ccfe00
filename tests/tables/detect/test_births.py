"""A counter that is first seen: what it shows counts only where it was looked for before, and was not there."""

from __future__ import annotations

from typing import Any

import pytest

from streams.messages.envelope import encode
from streams.telemetry import samples
from tables.detect.series.slot_history import Terms
from tests.tables.detect.alone import START, Life

RULE: dict[str, Any] = {
    "name": "r",
    "increase": "c_total",
    "over": "5m",
    "above": 50,
    "recover": 50,
    "for": "0s",
}
BOTH = {"alive": 1.0, 'c_total{n="a"}': 60.0}


class Frames(Life):
    """A life of frames that are half a minute apart."""

    def hear(self, values: dict[str, float], source: str = "s") -> None:
        """One whole frame."""
        self.pass_until(self.now + 30_000)
        for raw in samples.frame("g", source, self.now, list(values), list(values.values())):
            self.apply(raw)

    def hear_part(self, part: int, parts: int, values: dict[str, float]) -> None:
        """A part of a frame, all of them at one instant."""
        body = {"gateway": "g", "source": "s", "part": [part, parts], "series": list(values)}
        self.apply(
            encode("samples", f"{self.now}/{part}", self.now, body | {"values": list(values.values())})
        )

    def counted(self) -> bool:
        """Whether what came is taken for growth."""
        return self.firing('n="a"')


def watched(rule: dict[str, Any] | None = None) -> Frames:
    """A source that is watched under the rule, whose counter has not come yet."""
    life = Frames()
    life.put(rule or RULE)
    life.hear({"alive": 1.0})
    life.hear({"alive": 1.0})
    return life


def test_what_appears_counts() -> None:
    """Its source was whole a frame ago, and a rule looked for it."""
    life = watched()
    life.hear(BOTH)
    assert life.counted()


@pytest.mark.parametrize(
    ("edit", "counts"),
    [
        ({"above": 40, "recover": 40}, True),
        ({"over": "10m"}, True),
        ({"increase": None, "rate": "c_total", "above": 0.1, "recover": 0.1}, True),
        ({"increase": "c_total{}"}, True),
        ({"increase": 'c_total{n=~"a|b"}'}, False),
    ],
)
def test_an_edit_that_goes_on_looking_forgets_nothing(edit: dict[str, Any], counts: bool) -> None:
    """Only one that reads something else begins to look anew."""
    life = watched()
    life.put({name: value for name, value in (RULE | edit).items() if value is not None}, 2)
    life.hear(BOTH)
    assert life.counted() is counts
    life.hear(BOTH | {'c_total{n="b"}': 60.0})
    assert life.firing('n="b"')


def test_a_rule_that_was_off_begins_anew() -> None:
    """While it was off nobody looked."""
    life = watched()
    life.put(RULE | {"enabled": "false"}, 2)
    life.hear({"alive": 1.0})
    life.put(RULE, 3)
    life.hear(BOTH)
    assert not life.counted()


def test_another_rule_that_looked_is_enough() -> None:
    """Whether a series was there is the same for all rules."""
    life = watched()
    life.put(RULE | {"name": "later", "above": 55, "recover": 55}, 2)
    life.put(RULE | {"enabled": "false"}, 3)
    life.hear(BOTH)
    assert not life.counted()


def test_no_whole_frame_no_birth() -> None:
    """What a lost part held was not missing: only a whole frame shows that a series was not there."""
    life = Frames()
    life.put(RULE)
    life.pass_until(life.now + 30_000)
    life.hear_part(0, 2, {"alive": 1.0})
    life.hear(BOTH)
    assert not life.counted()


def test_a_rule_between_two_parts_looks_from_the_next_frame() -> None:
    """It did not see the part before it."""
    life = watched()
    life.put(RULE | {"enabled": "false"}, 2)
    life.pass_until(life.now + 30_000)
    life.hear_part(0, 2, {'c_total{n="b"}': 60.0})
    life.put(RULE, 3)
    life.hear_part(1, 2, {"alive": 1.0})
    life.hear(BOTH | {'c_total{n="b"}': 60.0})
    assert not life.firing('n="b"')
    assert not life.counted()
    life.hear(BOTH | {'c_total{n="c"}': 60.0})
    assert life.firing('n="c"')


def test_a_source_that_comes_later_is_not_watched_yet() -> None:
    """Its first frame is a level, whatever other sources there are."""
    life = watched()
    life.hear(BOTH, "t")
    assert not life.counted()
    life.hear(BOTH | {'c_total{n="b"}': 60.0}, "t")
    assert life.firing('n="b"')


def test_what_was_refused_is_not_born_when_there_is_room() -> None:
    """It had been there all the time; a restart in between does not make it news either."""
    for restarts in (False, True):
        life = Frames()
        life.machine.terms = Terms(most=1, unheard=60_000, rest=60_000, sweep=30_000, late=1_000)
        life.put(RULE)
        life.hear({"alive": 1.0, 'c_total{n="z"}': 1.0})
        for _ in range(3):
            life.hear(BOTH | {'c_total{n="z"}': 1.0})
        for n in range(20):
            life.hear(BOTH)
            if restarts and n == 2:
                terms = life.machine.terms
                rows = [(key, raw) for key, raw in life.machine.snapshot() if raw is not None]
                life.machine = type(life.machine)("d-0", life.signer, rows)
                life.machine.terms = terms
        assert not life.counted()
        assert life.machine.rows["series/g/00000"].value.texts == ['c_total{n="a"}']
        life.hear({"alive": 1.0, 'c_total{n="a"}': 120.0})
        assert life.counted()


@pytest.mark.parametrize("text", ['c_total{n="a"}', 'c_total{q="1",n="a"}'])
def test_a_known_series_that_nobody_read_for_a_while(text: str) -> None:
    """What it counted while no rule read it is no growth for one that comes then."""
    life = watched()
    life.hear({text: 5.0})
    life.put(RULE | {"enabled": "false"}, 2)
    for n in range(20):
        life.hear({text: 5.0 + 60 * n} if n % 3 else {"alive": 1.0})
    life.put(RULE, 3)
    life.hear({text: 9_000.0})
    life.hear({text: 9_010.0})
    assert not life.counted()
    life.hear({text: 9_051.0})
    assert life.counted()
    assert life.now > START
