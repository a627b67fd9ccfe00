"""Reading by recall gives what reading gives, whatever comes."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.signature import Signer
from streams.telemetry import recall
from streams.telemetry.recall import Recall
from streams.telemetry.samples import frame

names = st.text(max_size=6)
numbers = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=2)


@given(st.lists(st.tuples(names, names, st.lists(names, min_size=2, max_size=2), numbers), max_size=6))
def test_recall_reads_what_is_written(batches: list[tuple[str, str, list[str], list[float]]]) -> None:
    """Frames of any names and texts, some of them again and again."""
    memory = Recall()
    for gateway, source, series, values in [*batches, *batches]:
        for raw in frame(gateway, source, 7, series, values):
            assert memory.load(raw) == orjson.loads(raw)


def batch(series: str, rest: str = "") -> bytes:
    """A batch as `streams.telemetry.samples` spells it, but for what is given."""
    head = '{"kind":"samples","id":"i","at":7,"schema":1,"gateway":"g","source":"s","part":[0,1],"series":'
    return f'{head}{series},"values":[1.5]{rest}}}'.encode()


@pytest.mark.parametrize(
    "rest",
    ['', ',"series":["b"]', ',"more":{"series":["b"],"values":[2]}', ',"values":[3]', ',"at":"x"'],
)  # fmt: skip
def test_what_follows_the_values_is_never_overlooked(rest: str) -> None:
    """A second name of a field wins, in JSON as we read it, also where the texts are known."""
    memory = Recall()
    for raw in (batch('["a"]'), batch('["a"]', rest), batch('["a"],"series":["c"]'), batch('["a"]', rest)):
        assert memory.load(raw) == orjson.loads(raw)


@pytest.mark.parametrize(
    "more", [',"gateway":"h"', ',"part":[0,2]', ',"kind":"event"', ',"more":{"values":[2]}']
)
def test_what_stands_between_series_and_values_is_never_overlooked(more: str) -> None:
    """However often it comes, a batch says what it said to a machine that has just begun."""
    memory, raw = Recall(), batch(f'["a"]{more}')
    for _ in range(3):
        assert memory.load(raw) == orjson.loads(raw)


@pytest.mark.parametrize("keyed", [False, True], ids=["unsigned", "signed"])
def test_known_texts_are_the_same_list(keyed: bool) -> None:
    """So that whoever keeps them need not compare them; a signature, which is another each time, changes nothing."""
    memory = Recall()
    raws = [batch('["a"]').replace(b"1.5", value) for value in (b"1", b"2")]
    if keyed:
        raws = [Signer([b"k" * 16]).sign(raw, "telemetry") for raw in raws]
    first, second = map(memory.load, raws)
    assert [first, second] == [orjson.loads(raw) for raw in raws]
    assert first["series"] is second["series"]


@pytest.mark.parametrize("end", ['","x":"', '\\u0022,"signature":"', '"}'])
def test_what_only_looks_like_a_signature_is_read_as_it_stands(end: str) -> None:
    """A sender may end a message as it likes."""
    memory = Recall()
    for raw in (batch('["a"]'), batch('["a"]', f',"signature":"{end}{"0" * (64 - len(end))}"')):
        try:
            wanted = orjson.loads(raw)
        except orjson.JSONDecodeError:
            continue
        assert memory.load(raw) == wanted


@pytest.mark.parametrize("raw", [batch('["a"]')[:-1], batch('["a"')])
def test_what_is_no_json_is_refused_as_ever(raw: bytes) -> None:
    """Known texts do not make a broken message whole."""
    memory = Recall()
    memory.load(batch('["a"]'))
    with pytest.raises(orjson.JSONDecodeError):
        memory.load(raw)


def test_the_memory_is_bounded(monkeypatch: Any) -> None:
    """Senders of ever new texts cannot fill it."""
    monkeypatch.setattr(recall, "BOUND", 1_000)
    memory = Recall()
    for n in range(50):
        memory.load(next(frame(f"g{n}", "s", 7, [f"series_{n}"], [1.0])))
    assert memory._bytes <= 1_000


def test_batches_without_texts_fill_it_too(monkeypatch: Any) -> None:
    """Senders of ever new names, without a single series, cannot fill it either."""
    monkeypatch.setattr(recall, "BOUND", 10_000)
    memory = Recall()
    for n in range(500):
        memory.load(next(frame(f"g{n}", "s", 7, [], [])))
    assert 0 < len(memory._known) <= 50
