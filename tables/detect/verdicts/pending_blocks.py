"""Which blocks of instances have still to publish something: derived from rows, never stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tables.kernel.row import AnyRow as Row


class PendingBlocks:
    """`keys`: the blocks that have something to publish, and may."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """As the rows of the level are."""
        self.keys = {row.key for row in rows if has_pending(row)}

    def note(self, rows: Mapping[str, Row], keys: Iterable[str]) -> None:
        """These rows may have changed."""
        for key in keys:
            row = rows.get(key)
            (self.keys.add if row is not None and has_pending(row) else self.keys.discard)(key)


def has_pending(row: Row) -> bool:
    """Whether a block of instances has something to publish, and may: one in quarantine waits for its own time."""
    return not row.dead and row.quarantine is None and bool(row.value.again or row.value.all_untold())
