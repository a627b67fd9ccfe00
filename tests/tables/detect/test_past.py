"""Windows that are compared with earlier ones: what is kept of them, for how long, and what is not known."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.documents import registry
from streams.documents.conditions.compared import DAY, HOUR, STEPS, WEEK
from streams.documents.rule import Rule
from streams.errors import DamagedState, Refused
from streams.messages.envelope import encode
from streams.telemetry import samples
from streams.topics import TELEMETRY
from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.machine import Detect
from tables.detect.past.change_targets import change_targets
from tables.detect.past.past_block import (
    LENGTHS,
    MOST,
    PLACES,
    ROUND,
    STRETCH,
    PastBlock,
    deadline,
    number_of_row,
)
from tables.world import World
from tests.tables.derived import rebuilt
from tests.tables.detect.alone import START, Life
from tests.tables.detect.naive import EVERY, LONG, OVER, Frame, amounts, value, whole, wrong
from tests.tables.torture import Log, faults, plain

SLOTS, MARK = np.array([3, 7]), np.array([11, 2**63 + 5], dtype="<u8")
OLDER = np.array([12, 13], dtype="<u8")
MARKS = MARK, OLDER
gaps = st.lists(st.sampled_from([*[EVERY] * 12, LONG, 3 * LONG]), min_size=90, max_size=130)
sides = st.tuples(
    st.sampled_from(["above", "at_or_below"]), st.sampled_from([-0.5, -0.1, 0, 0.25, 1])
) | st.tuples(st.just("outside"), st.just([-0.3, 0.3]))


def test_what_windows_held_is_known_by_whose_it_was() -> None:
    """Not by another who has the slot now; a row's bytes lose nothing of it."""
    block = PastBlock()
    block.begin(DAY, 4)
    block.put(SLOTS, MARKS, 2, np.array([1.5, np.inf]))
    block.put(np.array([5]), (MARK[:1], OLDER[:1]), 3, np.array([7.0]))
    again = PastBlock.unpack(*block.pack())
    assert again.read(SLOTS, MARKS, 2).tolist() == [1.5, np.inf]
    assert np.isnan(again.read(SLOTS, MARKS, 3)).all()
    assert np.isnan(again.read(SLOTS, (MARK[::-1], OLDER), 2)).all()
    nine = np.array([9], dtype="<u8")
    again.put(SLOTS[:1], (nine, nine), 5, np.array([2.0]))
    assert np.isnan(again.read(SLOTS[:1], (nine, nine), 2)).all()
    assert block.read(SLOTS, MARKS, 2).tolist() == [1.5, np.inf]


def test_what_was_written_under_another_order_of_labels_is_known() -> None:
    """Rows keep the mark of a rule as its labels once stood; what comes bears the one that no order changes."""
    block = PastBlock()
    block.begin(DAY, 4)
    block.put(SLOTS, (OLDER, OLDER), 2, np.array([1.5, 2.5]))
    block.put(SLOTS, MARKS, 3, np.array([3.5, 4.5]))
    assert block.read(SLOTS, (MARK, MARK), 2).tolist() == [1.5, 2.5]
    rules = [
        registry.read(
            "rule",
            {"name": "r", "rate": "c_total", "by": by, "over": "5m", "compared_to": "1h", "above": "1"},
        )
        for by in (["a", "b"], ["b", "a"])
    ]
    first, second = (
        change_targets({("r", "k"): 3}, {"r": CompiledRule(rule)})[0]
        for rule in rules
        if isinstance(rule, Rule)
    )
    assert first.marks == second.marks == first.older
    assert second.older != second.marks


def test_bytes_that_do_not_fit_are_damage() -> None:
    """Neither too few of them nor a length that nothing is compared over."""
    block = PastBlock()
    block.put(SLOTS, MARKS, 0, np.array([1.0, 2.0]))
    meta, raw = block.pack()
    for damaged in ((meta, raw[:-1]), (meta | {"length": 7}, raw), (meta | {"slots": 3}, raw)):
        with pytest.raises(DamagedState):
            PastBlock.unpack(*damaged)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_row_dies_when_nothing_is_compared_with_it_and_not_before(length: int) -> None:
    """And no two stretches that are still compared with share a row."""
    step, block = STEPS[length], PastBlock()
    block.begin(length, 1_000)
    last = ((1_000 + 1) * STRETCH - 1) * step  # its last step
    dies = deadline(block)
    assert dies is not None
    assert last + step + length < dies <= last + length + 4 * step
    needed = {number_of_row(0, length, stretch) for stretch in range(1_000, 1_000 + ROUND[length])}
    assert len(needed) == ROUND[length] <= PLACES
    assert (ROUND[length] - 1) * STRETCH > length // step
    assert number_of_row(MOST - 1, WEEK, ROUND[WEEK] - 1) < 100_000


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"last": "m"}, "`compared_to` compares windows, and `last` has none"),
        ({"avg": "m", "over": "30s"}, "`over` is 1m to 1h"),
        ({"avg": "m", "over": "2h"}, "`over` is 1m to 1h"),
        ({"avg": "m", "over": "5m", "compared_to": "2h"}, "is one of 1h, 1d, 1w, not 2h"),
        ({"avg": "m", "over": "5m", "reaches": "9"}, "`reaches` is an end of values"),
        ({"avg": "m", "over": "5m", "compared_to": "0s", "change_in": "absolute"}, "add `compared_to: 1d`"),
        ({"avg": "m", "over": "5m", "compared_to": "0s", "message": "{then}"}, "only a condition `compared_to`"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(fields: dict[str, Any], why: str) -> None:
    """With the field and what to write."""
    with pytest.raises(Refused) as refused:
        registry.read("rule", {"name": "r", "compared_to": "1h", "above": "5", **fields})
    assert why in str(refused.value)


def frames_of(spaces: Sequence[int], seed: int) -> list[Frame]:
    """A level that moves now and then, and is now and then silent."""
    rnd, found, at, level = random.Random(seed), list[Frame](), 0, 8.0
    for gap in spaces:
        lately = any(after.at - before.at > EVERY for before, after in pairwise(found[-6:]))
        at += (EVERY if lately else gap) if found else 0
        level = rnd.choice([level] * 6 + [0.0, 4.0, 8.0, 20.0])
        found.append(Frame(at, {"a": level, "b": level / 2}))
    return found


def firing(frames: Sequence[Frame], names: Sequence[str], rule: dict[str, Any]) -> list[bool]:
    """What the rule should say, from all samples: each window beside the line between the two that were kept then."""
    function = next(name for name in ("avg", "sum", "delta") if name in rule)
    side = next(name for name in rule if name in ("above", "at_or_below", "outside"))
    some = sorted(one for name in names for one in amounts(frames, name, 0, function))
    kept, state, found = dict[int, float](), False, list[bool]()
    for frame in frames:
        change = None
        if whole(frames, names, frame.at, 0):
            now = value(function, some, frame.at)
            kept.setdefault(frame.at // 60, now)
            step, within = divmod(frame.at - 3_600, 60)
            first, second = kept.get(step), kept.get(step + 1)
            if first is not None and second is not None:
                change = moved(now, first + (second - first) * within / 60, rule)
            elif first is not None or second is not None:
                change = moved(now, second if first is None else first, rule)
        if change is not None:
            state = wrong(side, rule[side], change)
        found.append(state)
    return found


def moved(now: float, then: float | None, rule: dict[str, Any]) -> float | None:
    """The change; None of what was nought, where a share is asked for."""
    assert then is not None
    if rule["change_in"] == "absolute" or then == now:
        return now - then
    return (now - then) / abs(then) if then else None


@settings(max_examples=12)
@given(gaps, sides, st.sampled_from(["avg", "sum", "delta"]), st.sampled_from(["percent", "absolute"]), st.booleans(),
       st.integers())  # fmt: skip
def test_windows_an_hour_apart(
    spaces: Sequence[int], side: tuple[str, Any], function: str, how: str, grouped: bool, seed: int
) -> None:
    """Through silences, of one series and of groups; a machine that begins anew from its rows goes on the same."""
    rule = {
        "name": "r",
        function: "c",
        "over": f"{OVER}s",
        "compared_to": "1h",
        "change_in": how,
        side[0]: side[1],
    }
    rule |= {"for": "0s", "keep_firing_for": "0s"} | ({"by": ["team"]} if grouped else {})
    frames, life, found = frames_of(spaces, seed), Life(), list[bool]()
    life.put(rule)
    restart, store = random.Random(seed).randrange(len(frames)), dict[str, bytes]()
    for n, frame in enumerate(frames):
        life.pass_until(START + 1_000 * frame.at)
        body = {"gateway": "g", "source": "s", "part": [0, 1]}
        texts = [f'c{{n="{name}",team="pay"}}' for name in frame.values]
        body |= {"series": texts, "values": list(frame.values.values())}
        life.apply(encode("samples", f"{n}", START + 1_000 * frame.at, body))
        if n == restart:
            life.machine = rebuilt(life.machine, store)  # type: ignore[assignment]
        found.append(life.firing('team="pay"' if grouped else 'n="a"'))
    assert found == firing(frames, ("a", "b") if grouped else ("a",), rule)


def test_the_value_then_lies_on_the_line_between_two_that_were_kept() -> None:
    """Two minutes that rose by one a second are followed by an hour; then each frame is compared with its own."""
    life, found = Life(), list[float]()
    life.put(
        {"name": "r", "avg": "c", "over": "1m", "compared_to": "1h", "change_in": "absolute", "above": 1e9}
    )
    for at in range(0, 4_201, 20):
        life.pass_until(START + 1_000 * at)
        body = {"gateway": "g", "source": "s", "part": [0, 1], "series": ["c"], "values": [min(at, 600)]}
        life.apply(encode("samples", f"{at}", START + 1_000 * at, body))
        if 3_780 <= at <= 4_080:
            found.append(float(life.machine.rows["instance/g/00000"].value.value[0]))
    assert found == pytest.approx([600 - (at - 3_600 - 20) for at in range(3_780, 4_081, 20)])


RULES: list[dict[str, Any]] = [
    {"name": "share", "avg": "level", "over": "2m", "compared_to": "1h", "outside": [-0.2, 0.2], "for": "0s"},
    {"name": "amount", "sum": "level", "by": ["team"], "over": "1m", "compared_to": "1h", "change_in": "absolute"}
    | {"above": {"warning": 2, "critical": 9}, "for": "1m", "keep_firing_for": "0s"},
]  # fmt: skip


def log_of(seed: int, hours: float = 1.6) -> Log:
    """What detect's partition holds: levels that come and go, rules that are edited."""
    rnd = random.Random(seed)
    world = World([registry.read("rule", rule) for rule in RULES], START, tick=30_000)
    for at in range(START, START + round(hours * HOUR), 30_000):
        level = 10 + 10 * (at // 600_000 % 3) + rnd.randrange(3)
        known = {
            f'level{{n="{n}",team="t{n % 2}"}}': float(level + n) for n in range(5) if rnd.random() < 0.98
        }
        if rnd.random() < 0.95:
            for raw in samples.frame("g", "s", at, list(known), list(known.values())):
                world.say(at, TELEMETRY, "g", raw)
        if rnd.random() < 0.01:
            rule = rnd.choice(RULES)
            edit = rnd.choice([{"for": "30s"}, {"over": "3m"}, {"severity": "critical"}])
            body = registry.read("rule", rule | edit).body()
            world.configure("platform", "rule", rule["name"], at - START + 2, body)
        world.advance(at + 29_999)
    return [(stamp, raw) for stamp, name, _, raw in world.log if name == TELEMETRY]


@pytest.mark.parametrize("seed", range(2))
def test_torture(seed: int) -> None:
    """What is compared is the same after any crash, and much is said."""
    log = log_of(seed)
    undisturbed = out, rows = plain(Detect, log)
    assert sum(b"against an hour earlier" in output.raw for output in out) > 5
    assert any(key.startswith("past/") for key in rows)
    assert faults(Detect, log, seed, undisturbed=undisturbed) == []


def test_the_past_is_forgotten() -> None:
    """A row is there for as long as something can be compared with it, however much comes."""
    world = World([registry.read("rule", RULES[0])], START, tick=30_000)
    for at in range(START, START + 8 * HOUR, 60_000):
        if at < START + 5 * HOUR:
            for raw in samples.frame("g", "s", at, ["level"], [1.0]):
                world.say(at, TELEMETRY, "g", raw)
        world.advance(at + 59_999)
        assert len(list(world.machines["detect"].scan("past"))) <= ROUND[HOUR]
    assert list(world.machines["detect"].scan("past")) == []
