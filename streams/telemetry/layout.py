r"""A layout is the name of a list of series: a batch that gives only the name costs its values, and no texts.

    sha256("\n".join(series)), the first 32 hexadecimal digits

A producer sends list and name together at every change and at least once a minute, and in between the name alone.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Self, overload

from streams.errors import OtherLayout, Refused

REPEAT = 60_000  # ms; so often at least a producer repeats its list
PACKED = 100_000  # bytes of a list once packed: what is heavier is always sent in full, and not remembered
_NAME = re.compile(r"[0-9a-f]{32}")


def layout_of(series: Sequence[str]) -> str:
    """The name of a list of texts."""
    return sha256("\n".join(series).encode()).hexdigest()[:32]


def check_name(name: object) -> str:
    """The name that a batch gives; Refused where it is none."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Refused(
            f"samples: `layout` must be the first 32 hexadecimal digits of a SHA-256, not {name!r:.60}"
        )
    return name


def check_list(name: str, series: Sequence[object]) -> None:
    """OtherLayout where a list has another name than its batch says; Refused where it can have none."""
    texts = [text for text in series if isinstance(text, str) and "\n" not in text]
    if len(texts) != len(series):
        raise Refused("samples: with a `layout`, each of `series` is a text in one line")
    try:
        real = layout_of(texts)
    except UnicodeEncodeError:
        raise Refused("samples: with a `layout`, each of `series` is a text of Unicode") from None
    if real != name:
        raise OtherLayout(
            f"samples: `series` has the layout {real}, and `layout` says {name}: name the list that it is"
        )


class PackedSeries(Sequence[str]):
    """A list of series under its name, compressed: about a tenth of its texts; each walk through it unpacks it.

    It is the value of a row as well: it never changes, so a copy is itself.
    """

    __slots__ = ("_count", "layout", "packed")

    def __init__(self, layout: str = "", count: int = 0, packed: bytes = b"") -> None:
        """`packed`: as `of` makes it."""
        self.layout, self._count, self.packed = layout, count, packed

    @classmethod
    def of(cls, layout: str, series: Sequence[str]) -> Self:
        """Pack a list whose name is known."""
        return cls(layout, len(series), zlib.compress("\n".join(series).encode(), 1))

    @property
    def light(self) -> bool:
        """Whether it may be remembered."""
        return len(self.packed) <= PACKED

    def texts(self) -> list[str]:
        """The list itself."""
        return zlib.decompress(self.packed).decode().split("\n") if self._count else []

    def __len__(self) -> int:
        """How many series there are."""
        return self._count

    def __iter__(self) -> Iterator[str]:
        """Each text, in order."""
        return iter(self.texts())

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        """The text at a place, or those of a slice."""
        return self.texts()[index]
