"""The numbers of a gateway's slots by name, kept by what many names have in common: a third of a dictionary's memory.

A hundred thousand series have some hundred metrics and rules: a name is kept without its metric or rule, and no tuple,
nor a set of names for each metric or rule, stands beside it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

N = TypeVar("N", bound=Hashable)
G = TypeVar("G", bound=Hashable)
_NONE: Mapping[str, int] = {}


class SlotNumbers(MutableMapping[N, int], Generic[N, G]):
    """Numbers by name; `groups`: by what names have in common, by the rest of the name."""

    __slots__ = ("_count", "groups")

    def __init__(self) -> None:
        """Nothing has a number."""
        self.groups: dict[G, dict[str, int]] = {}
        self._count = 0

    def split(self, name: N) -> tuple[G, str]:
        """What a name has in common with others, and the rest of it."""
        raise NotImplementedError

    def join(self, group: G, rest: str) -> N:
        """The inverse of `split`."""
        raise NotImplementedError

    def of(self, group: G) -> Mapping[str, int]:
        """The numbers of those that have this in common, by the rest of their names."""
        return self.groups.get(group, _NONE)

    def __getitem__(self, name: N) -> int:
        """The number of a name; KeyError where it has none."""
        group, rest = self.split(name)
        return self.groups[group][rest]

    if not TYPE_CHECKING:  # the inherited types fit; the inherited way is by an exception

        def get(self, name: N, default: Any = None) -> Any:
            """The number of a name, or what stands for none; asked for each series that is placed."""
            group, rest = self.split(name)
            return self.groups.get(group, _NONE).get(rest, default)

    def __setitem__(self, name: N, number: int) -> None:
        """Give a name its number."""
        group, rest = self.split(name)
        numbers = self.groups.setdefault(group, {})
        self._count += rest not in numbers
        numbers[rest] = number

    def __delitem__(self, name: N) -> None:
        """Forget a name; KeyError where it has no number."""
        group, rest = self.split(name)
        numbers = self.groups[group]
        del numbers[rest]
        self._count -= 1
        if not numbers:
            del self.groups[group]

    def __iter__(self) -> Iterator[N]:
        """Each name."""
        return (self.join(group, rest) for group, numbers in self.groups.items() for rest in numbers)

    def __len__(self) -> int:
        """How many names have numbers."""
        return self._count


class SeriesNumbers(SlotNumbers[str, str]):
    """Of series, whose texts have their metrics in common."""

    __slots__ = ()

    def split(self, name: str) -> tuple[str, str]:
        """The metric, and the whole text."""
        return name.partition("{")[0], name  # a canonical text has no blanks

    def join(self, group: str, rest: str) -> str:  # noqa: ARG002 the text holds its metric
        """The text."""
        return rest


class StateNumbers(SlotNumbers[tuple[str, str], str]):
    """Of instances: a rule and the key of its instance."""

    __slots__ = ()

    def split(self, name: tuple[str, str]) -> tuple[str, str]:
        """The rule, and the key."""
        return name

    def join(self, group: str, rest: str) -> tuple[str, str]:
        """Rule and key."""
        return group, rest


class WindowNumbers(SlotNumbers[tuple[str, int, str], tuple[str, int]]):
    """Of windows: a rule, the role of what it reads, and the text of the series."""

    __slots__ = ()

    def split(self, name: tuple[str, int, str]) -> tuple[tuple[str, int], str]:
        """Rule and role, and the text."""
        return name[:2], name[2]

    def join(self, group: tuple[str, int], rest: str) -> tuple[str, int, str]:
        """Rule, role and text."""
        return (*group, rest)
