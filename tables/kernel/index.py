"""The index of a partition's rows: a name in, the keys of the rows that stand under it out, sorted where asked.

So a command costs what it touches, and not what there is.

Derived from rows and never stored: filled at recovery, and brought up to date when an input has been applied. What an
input has undone never came here, so a rollback does not concern it.
"""

from __future__ import annotations

from bisect import bisect_left

STALE = 8  # the order of a name is made anew when more than one in so many of its keys have moved


class Index:
    """Keys of rows by the names under which they are looked for."""

    def __init__(self) -> None:
        """Nothing stands anywhere yet."""
        self._keys: dict[str, set[str]] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._orders: dict[str, tuple[list[str], set[str]]] = {}  # sorted keys, and what has moved since

    def __contains__(self, key: str) -> bool:
        """Whether a row stands under any name."""
        return key in self._names

    def get(self, name: str) -> frozenset[str] | set[str]:
        """The keys under a name."""
        return self._keys.get(name, frozenset())

    def between(self, name: str, first: str, last: str) -> list[str]:
        """The keys under a name from `first` to before `last`, sorted: the next chunk costs what is in it.

        All keys are sorted once, and then only what has moved since is looked at.
        """
        keys = self.get(name)
        if not keys:
            return []
        if name not in self._orders:
            self._orders[name] = sorted(keys), set()
        order, moved = self._orders[name]
        within = order[bisect_left(order, first) : bisect_left(order, last)]
        if not moved:
            return within
        came = {key for key in moved if first <= key < last and key in keys}
        return sorted(came.union(key for key in within if key not in moved))

    def put(self, key: str, names: tuple[str, ...]) -> None:
        """Let a row stand under these names and no others."""
        before = self._names.get(key, ())
        if before == names:
            return
        for name in set(before) - set(names):
            self._keys[name].discard(key)
            self._moved(name, key)
            if not self._keys[name]:
                del self._keys[name]
                self._orders.pop(name, None)
        for name in names:
            self._keys.setdefault(name, set()).add(key)
            self._moved(name, key)
        self._names[key] = names
        if not names:
            del self._names[key]

    def _moved(self, name: str, key: str) -> None:
        if name in self._orders:
            order, moved = self._orders[name]
            moved.add(key)
            if len(moved) * STALE > len(order):
                del self._orders[name]
