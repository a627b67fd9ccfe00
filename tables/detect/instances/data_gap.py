"""A data gap: what was not heard of for long did not hold meanwhile, as far as anybody knows.

So an outage, ours or the source's, counts neither towards `for` nor towards `keep_firing_for`: nobody is paged for its
length, and nothing recovers by it. Between samples that come as usual, what held before and after held all the time.
"""

from __future__ import annotations

from tables.detect.health.state import Source

SHORT = 30_000  # event ms; as long as the machine itself may be away without its clock standing still


def bridged(source: Source) -> int:
    """The longest time between two samples of a source, event ms, in which nothing else is taken to have happened."""
    return max(SHORT, 4 * source.usual)
