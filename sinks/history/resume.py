"""Where reading a partition of `changes` goes on, and when it must not: a log that is not the one we knew."""

from __future__ import annotations

from sinks.history.store import Position
from streams.errors import Rewound

_FIX = (
    "nothing was read or changed. If the topic was made anew on purpose, accept it with "
    "`python -m sinks history --rebase` (rows stay, the new log is read from its beginning); "
    "if not, restore the topic"
)


def resume(partition: int, known: Position | None, begin: int, end: int, incarnation: str) -> int:
    """The offset to read from. `begin`, `end`: what the log holds.

    Rewound where it ends below what we have read or is another topic of the same name: then an operator
    decides, never we.
    """
    if known is None:
        return begin
    if known.incarnation and incarnation and known.incarnation != incarnation:
        raise Rewound(
            f"changes/{partition} is another topic than the one that the read model has read: {_FIX}"
        )
    if known.next > end:
        raise Rewound(
            f"changes/{partition} ends at {end}, but the read model has read up to {known.next}: {_FIX}"
        )
    return max(known.next, begin)
