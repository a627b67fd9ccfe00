"""Groups that two sources feed against a plain model: silences of either, and one that joins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.messages.envelope import encode
from streams.messages.event import STOPPED, Event
from tests.tables.detect.alone import START, Life
from tests.tables.detect.naive import EVERY, OVER, Frame, amounts, proven, value, wrong

SILENT = 10  # frames, at least, of a silence
BREAK = 2.5 * EVERY  # s; so long after its last frame a source is silent
functions = st.sampled_from(["sum", "count", "increase", "avg", "max", "min"])
limits = st.tuples(st.sampled_from(["above", "below"]), st.sampled_from([1, 4, 20, 61])) | st.tuples(
    st.just("outside"), st.sampled_from([[2, 5], [4, 61]])
)
# By source: how many frames come, and how many do not, in turn.
turns = st.lists(st.tuples(st.integers(4, 14), st.integers(SILENT, 16)), min_size=1, max_size=3)
first = st.lists(st.tuples(st.integers(10, 14), st.integers(SILENT, 16)), min_size=1, max_size=3)
grows = st.lists(st.sampled_from([0, 1, 3, 30]), min_size=80, max_size=80)


def times_of(turns: Sequence[tuple[int, int]], first: int) -> list[int]:
    """The seconds at which a source speaks, the first of which is that of a frame."""
    found, frame = list[int](), first
    for heard, silent in turns:
        found += [EVERY * n for n in range(frame, frame + heard)]
        frame += heard + silent
    return found


def since(times: Sequence[int], at: int) -> int:
    """Since when a source has been heard without a gap at a second; that second where it is silent."""
    known = [time for time in times if time <= at]
    if at - known[-1] > BREAK:
        return at
    broken = [after for before, after in pairwise(known) if after - before > BREAK]
    return broken[-1] if broken else known[0]


def watched(one: Sequence[int], other: Sequence[int], at: int) -> int:
    """The same of both; one that joins where the first has been watched in full is as if it had always been there."""
    begun = since(one, at)
    if other[0] > at:
        return begun
    of = since(other, at)
    return begun if of == other[0] >= one[0] + OVER else max(begun, of)


def firing(one: Sequence[Frame], other: Sequence[Frame], rule: dict[str, Any]) -> list[bool]:
    """Whether the group fires after each frame of the first source, whose its instance is."""
    function = next(name for name in ("sum", "count", "increase", "avg", "max", "min") if name in rule)
    side = next(name for name in ("above", "below", "outside") if name in rule)
    state, found = False, list[bool]()
    for frame in one:
        known = [[each for each in some if each.at <= frame.at] for some in (one, other)]
        some = sorted(
            pair for of, name in zip(known, "ab", strict=True) for pair in amounts(of, name, 0, function)
        )
        now = value(function, some, frame.at)
        begun = watched([each.at for each in one], [each.at for each in other], frame.at)
        sure = proven(function, side, rule[side], now) or frame.at - begun >= OVER
        state = (True if sure else state) if wrong(side, rule[side], now) else False
        found.append(state)
    return found


@settings(max_examples=80)
@given(functions, limits, first, turns, st.sampled_from([1, 4, 6, 9]), grows, grows)
def test_a_group_of_two_sources(
    function: str,
    limit: tuple[str, Any],
    ones: Sequence[tuple[int, int]],
    others: Sequence[tuple[int, int]],
    joins: int,
    rises: Sequence[int],
    falls: Sequence[int],
) -> None:
    """What is too little is told where both have been heard, whichever of them was silent."""
    frames: list[list[Frame]] = []
    for name, times, moves in (("a", times_of(ones, 0), rises), ("b", times_of(others, joins), falls)):
        total, some = 5_000.0, list[Frame]()
        for at, more in zip(times, moves, strict=False):
            total += more
            some.append(Frame(at, {name: total if function == "increase" else float(more)}))
        frames.append(some)
    rule = {"name": "r", function: "c", "by": [], "over": f"{OVER}s", limit[0]: limit[1]}
    rule |= {"for": "0s", "keep_firing_for": "0s"}
    assert played(frames[0], frames[1], rule) == firing(frames[0], frames[1], rule)


def played(one: Sequence[Frame], other: Sequence[Frame], rule: dict[str, Any]) -> list[bool]:
    """The same, as the machine finds it; where both speak at once, the first source speaks last."""
    life, found = Life(), list[bool]()
    life.put(rule)
    say(life, "t", one[0])
    found.append(life.firing(""))
    later = [("t", frame) for frame in one[1:]] + [("b", frame) for frame in other]
    for name, frame in sorted(later, key=lambda pair: (pair[1].at, pair[0])):
        life.pass_until(START + 1_000 * frame.at)
        say(life, name, frame)
        if name == "t":
            found.append(life.firing(""))
    return found


def say(life: Life, source: str, frame: Frame) -> None:
    """A whole frame of a source."""
    at = START + 1_000 * frame.at
    texts = [f'c{{n="{name}"}}' for name in frame.values]
    body = {"gateway": "g", "source": source, "series": texts, "values": list(frame.values.values())}
    life.apply(encode("samples", f"{source}{at}", at, body))


LITTLE = {"name": "r", "sum": "c", "by": [], "over": "2m", "below": 15, "for": "0s", "keep_firing_for": "0s"}


def heard(life: Life, minutes: float, *sources: str) -> None:
    """These sources speak for so long, one each frame; each frame of theirs brings a 1."""
    for _ in range(round(minutes * 60) // EVERY):
        life.pass_until(life.now + 1_000 * EVERY)
        for source in sources:
            say(life, source, Frame((life.now - START) // 1_000, {source: 1.5}))


def test_one_that_is_gone_for_good_does_not_blind_the_group_for_ever() -> None:
    """Stopped on purpose it does not count at once; silent, until its series are forgotten."""
    for stopped in (True, False):
        life = Life()
        life.machine.terms = life.machine.terms._replace(unheard=1_800_000, rest=600_000, sweep=600_000)
        life.put(LITTLE)
        heard(life, 10, "s", "t")
        assert not life.firing("")
        if stopped:
            life.apply(
                Event(id="x", at=life.now, gateway="g", source="t", type=STOPPED, attributes={}).encode()
            )
        heard(life, 20, "s")
        assert life.firing("") is stopped
        heard(life, 70, "s")
        assert life.firing("")


def test_the_group_of_one_that_is_gone_for_good_is_anothers() -> None:
    """Whose frames it was judged with is silent for ever: those of another are as good when it is forgotten."""
    life = Life()
    life.machine.terms = life.machine.terms._replace(unheard=1_800_000, rest=600_000, sweep=600_000)
    life.put(LITTLE)
    heard(life, 10, "s", "t")
    heard(life, 20, "t")
    assert not life.firing("")
    heard(life, 70, "t")
    assert life.firing("")


@pytest.mark.parametrize("apart", [3, 90])
def test_a_clock_that_is_wrong_by_a_little_is_no_silence(apart: int) -> None:
    """Whether a source is heard is seen by when its records come."""
    life = Life()
    life.put(LITTLE | {"below": 19})
    for _ in range(30):
        life.pass_until(life.now + 1_000 * EVERY)
        for source, late in (("t", apart), ("s", 0)):
            say(life, source, Frame((life.now - START) // 1_000 - late, {source: 1.5}))
    assert life.firing("")
