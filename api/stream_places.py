"""How many live streams there may be at once: each costs a look at the read model twice a second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from streams.codes import RefusalCode
from streams.errors import Refused

ALL, EACH = 1_000, 250  # streams of everybody, and of one person


class StreamPlaces:
    """The streams that are open now, by who follows them."""

    def __init__(self) -> None:
        """None is."""
        self._open: Counter[str] = Counter()

    def require(self, name: str) -> None:
        """Refused where there are too many already."""
        if self._open[name] >= EACH:
            raise Refused(f"you follow {EACH} live streams already: close some", RefusalCode.OVERLOADED)
        if self._open.total() >= ALL:
            raise Refused(
                f"{ALL} live streams are open already: try again in a moment", RefusalCode.OVERLOADED
            )

    @contextmanager
    def taken(self, name: str) -> Iterator[None]:
        """One more, for a block."""
        self._open[name] += 1
        try:
            yield
        finally:
            self._open[name] -= 1
            self._open += Counter()  # who follows none is forgotten
