"""All shared entries of one type, as whoever keeps them sees them: read, changed, taken away by one alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from uuid import uuid4

from streams.messages.shared import SharedEntry, Value


class SharedLog(Protocol):
    """Where entries lie."""

    @property
    def version(self) -> int:
        """Grows with whatever is read."""
        ...

    def of(self, type_: str) -> Mapping[str, Value]:
        """All entries of a type; Unavailable where they are not known yet."""
        ...

    def claimant(self, type_: str, name: str) -> str:
        """Who has claimed an entry first; empty where nobody has."""
        ...

    def put(self, entry: SharedEntry) -> None:
        """Add an entry, and return when it can be read; Unavailable where that cannot be."""
        ...


class SharedPart:
    """Entries of one type by name, in the shape of a file that is shared (`api.auth.shared_file`)."""

    def __init__(self, log: SharedLog, type_: str) -> None:
        """`type_`: of its entries."""
        self._log, self._type = log, type_

    @property
    def version(self) -> int:
        """Grows with whatever is read."""
        return self._log.version

    def read(self) -> Mapping[str, Any]:
        """Name → value, as known now."""
        return self._log.of(self._type)

    def change(self, step: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """Say what `step` makes different; what others say of other names meanwhile stays."""
        known = dict(self.read())
        wanted = step(known)
        for name in known.keys() - wanted.keys():
            self._put(name)
        for name, value in wanted.items():
            if known.get(name) != value:
                self._put(name, value)

    def take(self, name: str) -> Any:
        """The value under a name, to the first alone who asks for it; None to all others."""
        value = self.read().get(name)
        if value is None:
            return None
        claim = uuid4().hex
        self._put(name, claim=claim)
        if self._log.claimant(self._type, name) != claim:
            return None
        self._put(name)
        return value

    def _put(self, name: str, value: Value | None = None, claim: str = "") -> None:
        at = time.time_ns() // 1_000_000
        entry = SharedEntry(id=uuid4().hex, at=at, type=self._type, name=name, value=value, claim=claim)
        self._log.put(entry)
