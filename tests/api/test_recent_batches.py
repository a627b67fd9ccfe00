"""What the newest batches show, whether they give their series or name them."""

from __future__ import annotations

from api.coverage.coverage import Origin
from api.coverage.recent_batches import RecentBatches
from streams.telemetry.samples import Shape, frame

SERIES = [f'series_of_a_long_name{{number="{n}"}}' for n in range(20)]
PROD = Origin("prod", "s")


def raws(count: int) -> list[bytes]:
    """Frames of one list: a plain one, one that tells it, and others that name it."""
    shape = Shape(SERIES)
    return [next(shape.frame("prod", "s", at, [1.0] * 20)) for at in range(count)]


def test_series_have_their_newest_time() -> None:
    """Also where their list is only named, and where it is another one in between."""
    batches = RecentBatches()
    for raw in [
        *raws(4),
        next(frame("prod", "s", 9, ["up"], [1.0])),
        b"no json",
        b'{"kind":"event"}',
        *raws(3),
    ]:
        batches.note(raw)
    assert batches.seen == {text: {PROD: 3} for text in SERIES} | {"up": {PROD: 9}}
    assert batches.unlisted == {}


def test_a_list_of_before_is_learned() -> None:
    """The newest batches name what older ones told; without those they are counted."""
    _, told, named = raws(3)
    late, batches = RecentBatches(), RecentBatches()
    for raw in (told, named, b'"layout" "series"'):
        batches.learn(raw)
    batches.note(named)
    late.note(named)
    assert (batches.seen, late.seen) == ({text: {PROD: 2} for text in SERIES}, {})
    assert (batches.unlisted, late.unlisted) == ({}, {PROD: 1})
