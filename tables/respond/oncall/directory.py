"""Where documents are looked up: the machine's own context, or whatever else knows them."""

from __future__ import annotations

from typing import Protocol, TypeVar

from streams.documents.document import Owned

D = TypeVar("D", bound=Owned)


class Directory(Protocol):
    """Knows documents by kind, owner and name."""

    def document(self, kind: type[D], owner: str, name: str) -> D | None:
        """The document of a kind that a team has under a name."""
        ...
