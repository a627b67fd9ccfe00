"""Where documents are looked up: the machine's own context, or whatever else knows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from streams.documents.document import Owned
from streams.documents.oncall.override import OnCallOverride

D = TypeVar("D", bound=Owned)


class Directory(Protocol):
    """Knows documents by kind, owner and name."""

    def document(self, kind: type[D], owner: str, name: str) -> D | None:
        """The document of a kind that a team has under a name."""
        ...

    def overrides(self, team: str) -> Iterable[OnCallOverride]:
        """A team's exceptions to its schedules, in the order of their names."""
        ...
