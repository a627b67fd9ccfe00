"""How many events lie in a window: counted in buckets, so that a thousand cost as much as thirty."""

from __future__ import annotations

from hashlib import blake2b

from streams.documents.conditions.event_condition import DISTINCT
from tables.detect.aggregate.view import bucket_width
from tables.detect.events.state import Bucket

Marks = tuple[tuple[str, int], ...]
MOST = 32  # buckets: thirty, the one in which the window begins, and one for what comes from ahead


def count_in(buckets: tuple[Bucket, ...], at: int, over: int) -> tuple[Bucket, ...]:
    """The buckets with one more event of event ms `at`; the oldest fall out."""
    number = at // bucket_width(over)
    known = {bucket.number: bucket for bucket in buckets}
    before = known.get(number, Bucket(number, 0, at))
    known[number] = Bucket(number, before.count + 1, max(before.latest, at))
    return tuple(bucket for _, bucket in sorted(known.items())[-MOST:])


def within(buckets: tuple[Bucket, ...], at: int, over: int) -> tuple[Bucket, ...]:
    """The buckets of the window that ends at event ms `at`; one counts as long as its newest event lies within."""
    return tuple(bucket for bucket in buckets if bucket.latest > at - over)


def mark_in(marks: Marks, value: str, at: int) -> Marks:
    """The marks with that of one more value, of event ms `at`; of too many the oldest fall out."""
    known = dict(marks)
    mark = blake2b(value.encode(), digest_size=5).hexdigest()
    known[mark] = max(known.get(mark, at), at)
    return tuple(sorted(known.items(), key=lambda entry: (entry[1], entry[0])))[-DISTINCT:]


def marks_within(marks: Marks, at: int, over: int) -> Marks:
    """The marks of the window that ends at event ms `at`."""
    return tuple(mark for mark in marks if mark[1] > at - over)
