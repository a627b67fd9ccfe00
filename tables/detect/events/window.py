"""How many events lie in a window: counted in buckets, so that a thousand cost as much as thirty."""

from __future__ import annotations

from tables.detect.aggregate import bucket_width
from tables.detect.events.state import Bucket

MOST = 32  # buckets: thirty, the one in which the window begins, and one for what comes from ahead


def count_in(buckets: tuple[Bucket, ...], at: int, over: int) -> tuple[Bucket, ...]:
    """The buckets with one more event of event ms `at`; the oldest fall out."""
    number = at // bucket_width(over)
    known = {bucket.number: bucket for bucket in buckets}
    before = known.get(number, Bucket(number, 0, at))
    known[number] = Bucket(number, before.count + 1, max(before.latest, at))
    return tuple(known[one] for one in sorted(known)[-MOST:])


def within(buckets: tuple[Bucket, ...], at: int, over: int) -> tuple[Bucket, ...]:
    """The buckets of the window that ends at event ms `at`; one counts as long as its newest event lies within."""
    return tuple(bucket for bucket in buckets if bucket.latest > at - over)


def total(buckets: tuple[Bucket, ...]) -> int:
    """How many events the buckets hold."""
    return sum(bucket.count for bucket in buckets)
