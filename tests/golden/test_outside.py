"""What others than the stages have written, byte for byte: batches of outside producers, and kept dead letters."""

from __future__ import annotations

from streams.messages.dead_letter import Origin, foreign, letter, useless
from streams.messages.envelope import decode
from streams.telemetry import samples
from streams.telemetry.layout import PackedSeries

WHOLE = (
    b'{"kind":"samples","id":"prod/s/1764000000000/0","at":1764000000000,"schema":1,"gateway":"prod","source":"s",'
    b'"part":[0,1],"layout":"ff331547a2428d01bfa8c9aee03b1588","series":["up{a=\\"b\\"}","cpu"],"values":[1.0,2.5]}'
)
NAMED = (
    b'{"kind":"samples","id":"prod/s/1764000015000/0","at":1764000015000,"schema":1,"gateway":"prod","source":"s",'
    b'"layout":"ff331547a2428d01bfa8c9aee03b1588","values":[1.0,3]}'
)
LETTER = {  # headers of release 0.1
    "topic": b"inbox", "partition": b"2", "offset": b"7", "id": b"respond-2!7!", "fault": b"sender",
    "reason": b"it is wrong", "whole": b"yes", "key": b"t",
}  # fmt: skip


def test_batches_of_every_release_are_read() -> None:
    """One that tells its list, and one that names it; producers outside are not updated when we are."""
    told = samples.read(decode(WHOLE))
    assert (told.gateway, told.source, told.at, told.tells) == ("prod", "s", 1_764_000_000_000, True)
    assert (list(told.series), list(told.values)) == (['up{a="b"}', "cpu"], [1.0, 2.5])
    known = PackedSeries.of(told.layout, told.series)
    named = samples.read(decode(NAMED), lambda *_: known)
    assert list(named.series) == ['up{a="b"}', "cpu"]
    assert list(named.values) == [1.0, 3]


def test_letters_of_every_release_can_be_sent_back() -> None:
    """What was dead-lettered before an update is redriven after it."""
    assert foreign(LETTER) == ""
    assert useless(LETTER, b'{"kind":"command"}', 0) == ""
    dead = letter(Origin("inbox", 2, 7, b"t", b'{"kind":"x"}'), "respond-2!7!", "sender", "it is wrong")
    assert (dict(dead.headers), dead.key) == (LETTER | {"code": b"refused"}, b"inbox/2/7")
