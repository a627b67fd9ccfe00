"""Which instance each slot of a block holds: a rule and the key of its instance, kept as two columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self, overload

Key = tuple[str, str]


class InstanceKeys(Sequence[Key]):
    """(rule, labels text) by slot. It never changes: what adds one gives another."""

    __slots__ = ("_rules", "_texts")

    def __init__(self, rules: tuple[str, ...] = (), texts: tuple[str, ...] = ()) -> None:
        """Both by slot."""
        self._rules, self._texts = rules, texts

    def __len__(self) -> int:
        """How many slots there are."""
        return len(self._rules)

    def __iter__(self) -> Iterator[Key]:
        """Each key, by slot."""
        return zip(self._rules, self._texts, strict=True)

    @overload
    def __getitem__(self, slot: int) -> Key: ...
    @overload
    def __getitem__(self, slot: slice) -> list[Key]: ...
    def __getitem__(self, slot: int | slice) -> Key | list[Key]:
        """The key of a slot, or those of some."""
        if isinstance(slot, slice):
            return list(zip(self._rules[slot], self._texts[slot], strict=True))
        return self._rules[slot], self._texts[slot]

    @classmethod
    def of(cls, keys: Iterable[Iterable[Any]]) -> Self:
        """Those of some pairs."""
        pairs = [(rule, text) for rule, text in keys]
        return cls(tuple(rule for rule, _ in pairs), tuple(text for _, text in pairs))

    def put(self, slot: int, rule: str, text: str) -> Self:
        """The slot, known or new, holds this instance."""
        gap, (rules, texts) = [""] * (slot - len(self)), (self._rules, self._texts)
        return type(self)(
            (*rules[:slot], *gap, rule, *rules[slot + 1 :]), (*texts[:slot], *gap, text, *texts[slot + 1 :])
        )

    @property
    def rules(self) -> tuple[str, ...]:
        """The rule of each slot."""
        return self._rules
