"""When a batch counts as having happened: its sender's word, as far as a sender's clock can be believed."""

from __future__ import annotations

from streams.telemetry.samples import Batch
from tables.detect.health.state import Gateway, Source

EARLY = 5_000  # ms; event time outside [record − late, record + EARLY] is clock skew
TOGETHER = 10_000  # ms in which all parts of a frame come


def event_time(entry: Gateway, batch: Batch, now: int, late: int) -> int:
    """The event time, or the record's (`now`) where a sender's clock is off: the same for all parts of a frame.

    All in ms; `late`: how far behind the record an event time may lie.
    """
    known = entry.sources.get(batch.source)
    if known is not None and known.claimed == batch.at and now - known.at <= _lasts(known, late):
        return known.at
    if is_believed(batch.at, now, late) or (known is not None and _passed(known, batch.at, now)):
        return batch.at
    return now


def is_believed(claimed: int, now: int, late: int) -> bool:
    """Whether an instant that a sender claims may be, by the record's (`now`); all in ms, `late` as above."""
    return now - late <= claimed <= now + EARLY


def _passed(source: Source, claimed: int, now: int) -> bool:
    """Whether a frame is an old one, late or once more: its source's clock is right, and it goes on speaking.

    Where a clock has been put back instead, nothing else comes: from the next frames on the record's time holds.
    """
    lately = now - source.at <= max(TOGETHER, 2 * max(source.gaps, default=0))
    return source.skew == 0 and claimed <= source.at and lately


def _lasts(source: Source, late: int) -> int:
    """How long parts may belong to the frame before; what claims its time later comes from a clock that stands."""
    return TOGETHER + (late if source.claimed == source.at else 0)
