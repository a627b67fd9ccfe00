"""Dead letters keep what is needed to understand an input and to send it again."""

from __future__ import annotations

import hashlib

import orjson

from streams.messages.dead_letter import BEFORE, LARGEST, Letter, Origin, letter


def dead(origin: Origin) -> Letter:
    """The letter of an input that is no JSON."""
    return letter(origin, "detect-0!7!", "sender", "message is not JSON: really")


def test_whole() -> None:
    """An ordinary input is kept byte for byte, with its place, key, reason and whose fault it is."""
    made = dead(Origin("telemetry", 3, 7, b"gw", b"\xff{"))
    assert (made.key, made.value) == (b"telemetry/3/7", b"\xff{")
    assert dict(made.headers) == {
        "topic": b"telemetry", "partition": b"3", "offset": b"7", "key": b"gw", "id": b"detect-0!7!", "whole": b"yes",
        "fault": b"sender", "code": b"refused", "reason": b"message is not JSON: really",
    }  # fmt: skip


def test_too_large() -> None:
    """Of a very large input the hash, the length and the offset are kept."""
    value = b"x" * (LARGEST + 1)
    made = dead(Origin("telemetry", 3, 7, None, value))
    assert dict(made.headers)["whole"] == b"no"
    assert "key" not in dict(made.headers)
    assert orjson.loads(made.value) == {
        "sha256": hashlib.sha256(value).hexdigest(),
        "length": LARGEST + 1,
        "offset": 7,
    }


def test_another_letter_of_the_same_input() -> None:
    """Its bytes are in the first one; this one says what it is and why it failed, in bounded length."""
    origin = Origin("telemetry", 3, 7, b"gw", b"x" * 100_000)
    made = letter(origin, "detect-0!7!b", "sender", "why" * 1_000, first=False)
    assert (dict(made.headers)["whole"], orjson.loads(made.value)["length"]) == (BEFORE, 100_000)
    assert len(made.value) + sum(len(value) for _, value in made.headers) < 1_400
