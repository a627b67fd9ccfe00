"""Names of lists of series, the lists packed, and who remembers them: what is told is what is read."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import OtherLayout, Refused, Unlisted
from streams.messages.envelope import decode
from streams.telemetry import samples
from streams.telemetry.layout import PACKED, REPEAT, PackedSeries, check_list, check_name, layout_of
from streams.telemetry.layout_memory import ENTRY, LayoutMemory
from streams.telemetry.recall import Recall
from streams.telemetry.samples import Shape
from streams.telemetry.shapes import Shapes

lines = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=8)
LONG = [f'series_of_a_long_name{{number="{n}"}}' for n in range(20)]


@given(st.lists(lines, max_size=8))
def test_a_list_packs_and_has_one_name(series: list[str]) -> None:
    """The name is what anybody can compute; what is packed comes out as it went in."""
    name = layout_of(series)
    assert name == hashlib.sha256("\n".join(series).encode()).hexdigest()[:32] == check_name(name)
    check_list(name, series)
    packed = PackedSeries.of(name, series)
    assert (list(packed), len(packed), packed.texts()) == (series, len(series), series)


@given(st.lists(lines, min_size=1, max_size=8), st.lists(lines, min_size=1, max_size=8))
def test_another_list_has_another_name(series: list[str], others: list[str]) -> None:
    """A batch whose list is not the one of its name is told apart."""
    if series != others:
        with pytest.raises(OtherLayout, match="name the list that it is"):
            check_list(layout_of(series), others)


@pytest.mark.parametrize("series", [["a\nb"], [1], [None], ["\ud800"]])
def test_a_text_that_can_have_no_name_is_refused(series: list[Any]) -> None:
    """Two lists must never have one name."""
    with pytest.raises(Refused, match="with a `layout`, each of `series`"):
        check_list("0" * 32, series)


def told(shape: Shape, *times: int) -> list[str]:
    """How the first part of each frame says its series: in full, with its name, or by the name alone."""
    found = []
    for at in times:
        body = decode(next(shape.frame("g", "s", at, [1.0] * len(shape.series))))
        found.append("+".join(key for key in ("layout", "series") if key in body))
    return found


def test_a_list_is_told_when_it_stays_and_each_minute() -> None:
    """The first frame is plain: a list that changes at every frame costs what it did."""
    times = [0, 1, 2, REPEAT - 1, REPEAT, REPEAT + 1, REPEAT + 2]
    want = ["series", "layout+series", "layout", "layout+series", "layout", "layout", "layout"]
    assert told(Shape(LONG), *times) == want


@pytest.mark.parametrize("every", [1_000, 15_000, 25_000, 40_000])
def test_no_minute_is_without_a_list(every: int) -> None:
    """However far apart frames are, as long as they are closer than a minute."""
    times = [n * every for n in range(1, 300)]
    full = [at for at, said in zip(times, told(Shape(LONG), *times), strict=True) if "series" in said]
    assert max(after - before for before, after in pairwise(full)) <= REPEAT


def test_a_clock_that_goes_back_tells_the_list_again() -> None:
    """It is not known when it was told."""
    assert told(Shape(LONG), 100, 200, 300, 150)[-1] == "layout+series"


def test_few_texts_are_always_told() -> None:
    """A name would cost more than they do."""
    assert told(Shape(["up", "down"]), 0, 1, 2, 3) == ["series"] * 4


def test_what_does_not_pack_is_always_told() -> None:
    """Nobody would remember it."""
    heavy = [hashlib.sha512(f"{n}".encode()).hexdigest() for n in range(2_000)]
    assert not PackedSeries.of("", heavy).light
    assert len(PackedSeries.of("", heavy).packed) > PACKED
    assert told(Shape(heavy), 0, 1, 2) == ["series"] * 3


def test_parts_that_stay_the_same_are_not_told_anew() -> None:
    """A series that comes at the end changes the last part only."""
    many = [f"{text}_{n}" for n in range(samples.PART // 20) for text in LONG]
    shape = Shape([*many, *LONG])
    for at in (0, 1):
        list(shape.frame("g", "s", at, [1.0] * len(shape.series)))
    longer = Shape([*many, *LONG, "more"], shape)
    first, last = (decode(raw) for raw in longer.frame("g", "s", 2, [1.0] * len(longer.series)))
    assert ("series" in first, "series" in last) == (False, True)
    shorter = Shape(LONG, longer)
    assert told(shorter, 3) == ["series"]


def test_shapes_are_those_of_their_sources() -> None:
    """Whoever sends the same series again names them; another source, or other series, are told."""
    shapes, values = Shapes(), dict.fromkeys(LONG, 1.0)
    said = [b'"series"' in shapes.frame("g", "s", at, values)[0] for at in range(3)]
    assert said == [True, True, False]
    assert b'"series"' in shapes.frame("g", "t", 3, values)[0]
    assert b'"series"' in shapes.frame("g", "s", 4, values | {"more": 1.0})[0]


@given(st.lists(st.lists(lines, max_size=4), max_size=30))
def test_readers_that_hear_all_know_all(lists: list[list[str]]) -> None:
    """Whatever a producer sends, a reader that was there from the beginning reads it."""
    memory, shape = LayoutMemory(), Shape([])
    for at, texts in enumerate(lists):
        series = [*LONG, *texts] if at % 3 else shape.series
        shape = Shape(series, shape) if series != shape.series else shape
        for raw in shape.frame("g", "s", at * 7_000, [float(at)] * len(series)):
            batch = memory.read(orjson.loads(raw))
            assert (list(batch.series), batch.values) == (list(series), [float(at)] * len(series))
    assert not memory.unlisted


def bodies(count: int) -> list[dict[str, Any]]:
    """So many frames of the long list."""
    shape = Shape(LONG)
    return [decode(next(shape.frame("g", "s", at, [1.0] * len(LONG)))) for at in range(count)]


def test_a_reader_that_begins_in_the_middle_waits_for_the_list() -> None:
    """What it cannot read it counts; a list of another part or source does not help."""
    plain, full, named = bodies(3)
    memory = LayoutMemory()
    memory.read(plain)
    for other in ({}, {"source": "t"}, {"part": [1, 2]}):
        if other:
            memory.read(full | other)
        with pytest.raises(Unlisted, match="s of g names a list"):
            memory.read(named)
    assert memory.unlisted == {("g", "s"): 3}
    assert memory.read(full).series is memory.read(named).series


def test_the_memory_of_a_reader_is_bounded() -> None:
    """Of all gateways, the one that told a list longest ago is forgotten first."""
    _, full, named = bodies(3)
    memory = LayoutMemory(most=3 * (ENTRY + len(PackedSeries.of("", LONG).packed)))
    for n in range(5):
        memory.read(full | {"gateway": f"g{n}"})
    for n in (2, 3, 4):
        memory.read(named | {"gateway": f"g{n}"})
    with pytest.raises(Unlisted):
        memory.read(named | {"gateway": "g1"})


def test_lists_of_nothing_fill_no_memory() -> None:
    """Each weighs something, however short it is: whoever sends many of them is bounded as well."""
    _, full, _ = bodies(3)
    memory = LayoutMemory(most=3 * ENTRY)
    nothing: dict[str, Any] = {"layout": layout_of([]), "series": [], "values": []}
    for n in range(5):
        memory.read(full | nothing | {"gateway": f"g{n}"})
    assert 0 < len(memory._series) < 3


def test_recall_keeps_no_texts_of_who_names_them() -> None:
    """They are remembered elsewhere, packed."""
    memory, shape = Recall(), Shape(LONG)
    kept = []
    for at in range(4):
        raw = next(shape.frame("g", "s", at, [1.0] * len(LONG)))
        assert memory.load(raw) == orjson.loads(raw)
        kept.append(memory._bytes)
    assert kept[0] > 0
    assert kept[1:] == [0, 0, 0]
