"""The envelope: what is no message is refused, what is too new stops."""

from __future__ import annotations

import pytest

from streams.errors import NewerSchema, Refused
from streams.messages.envelope import LARGEST, SCHEMA, decode, encode, field


def test_what_is_encoded_reads_back() -> None:
    """Kind, id, instant and schema stand beside the body."""
    said = {"kind": "tick", "id": "x", "at": 5, "schema": SCHEMA, "n": 1}
    assert decode(encode("tick", "x", 5, {"n": 1})) == said


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "no `kind`"),
        (b"{}", "no `kind`"),
        (b'{"kind":5}', "no `kind`"),
        (b'{"kind":"tick","schema":"1"}', "`schema` must be a whole number"),
        (b"x" * (LARGEST + 1), "split it"),
    ],
)
def test_what_is_no_message_is_refused(raw: bytes, words: str) -> None:
    """The refusal says what is missing and how it should be."""
    with pytest.raises(Refused, match=words):
        decode(raw)


def test_a_newer_schema_stops() -> None:
    """What we are too old to read is never thrown away."""
    with pytest.raises(NewerSchema, match=f"reads up to {SCHEMA}"):
        decode(b'{"kind":"tick","schema":2}')


@pytest.mark.parametrize("value", [None, "1", 1.5, True, []])
def test_a_field_of_another_type_is_refused(value: object) -> None:
    """The field and what it should hold are named; true is no number."""
    with pytest.raises(Refused, match="tick: `at` must be int, not"):
        field({"kind": "tick", "at": value}, "at", int)


def test_one_of_several_types() -> None:
    """All that would do are named."""
    assert field({"kind": "x", "n": 1.5}, "n", (int, float)) == 1.5
    with pytest.raises(Refused, match="`n` must be int or float"):
        field({"kind": "x"}, "n", (int, float))
