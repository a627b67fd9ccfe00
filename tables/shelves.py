"""Which rows stand where, so that a command costs what it touches and not what there is.

Derived from rows and never stored: filled at recovery, and brought up to date when an input has been applied. What an
input has undone never came here, so a rollback does not concern it.
"""

from __future__ import annotations


class Shelves:
    """Keys of rows by the names under which they are looked for."""

    def __init__(self) -> None:
        """Nothing stands anywhere yet."""
        self._keys: dict[str, set[str]] = {}
        self._names: dict[str, tuple[str, ...]] = {}

    def get(self, name: str) -> frozenset[str] | set[str]:
        """The keys under a name."""
        return self._keys.get(name, frozenset())

    def put(self, key: str, names: tuple[str, ...]) -> None:
        """Let a row stand under these names and no others."""
        before = self._names.get(key, ())
        if before == names:
            return
        for name in set(before) - set(names):
            self._keys[name].discard(key)
            if not self._keys[name]:
                del self._keys[name]
        for name in names:
            self._keys.setdefault(name, set()).add(key)
        self._names[key] = names
        if not names:
            del self._names[key]
