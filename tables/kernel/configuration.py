"""Configuration as a machine sees it: read-only copies of documents, each at its highest revision.

Documents arrive as messages in the machine's own log, so that each has a place in its order; a marker says
when all that exists has been said. Until then a machine remembers, but judges and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

import msgspec
import orjson

from streams.documents import registry
from streams.documents.document import Owned
from streams.errors import Refused
from streams.messages.config import ConfigRevision
from tables.kernel.level import Level
from tables.kernel.machine import Machine

D = TypeVar("D", bound=Owned)


class Copy(msgspec.Struct, frozen=True):
    """A document at its highest revision; `body` None: it is deleted, and `last` is what it was.

    The marker that all documents have been said is such a row without a document.
    """

    type: str = ""
    revision: int = 0
    body: dict[str, Any] | None = None
    last: dict[str, Any] | None = None


SHARED = 32_768  # documents that the partitions of a process read once for all of them
CONFIG = Level("config", Copy)
COMPLETE = CONFIG.key("!complete")


class Configured(Machine):
    """A machine with documents at its first level after the head."""

    kinds: ClassVar[tuple[str, ...]] = ()  # the kinds of documents that this stage needs

    def compile(self) -> None:
        """Parse the documents anew; a stage extends this by what it derives from them."""
        self.documents: dict[str, Owned] = {}  # by owner, type and name
        self.deleted: dict[str, Owned] = {}  # for what has still to be said of them
        for row in self.scan_sorted(CONFIG.name):
            if row.key != COMPLETE:
                for kept, body in ((self.documents, row.value.body), (self.deleted, row.value.last)):
                    if body is not None:
                        kept[row.key] = _document(row.value.type, body)

    def rolled_back(self, keys: set[str]) -> None:
        """Documents are parsed anew only where one was restored: a refused command costs no more than itself."""
        if any(key.startswith("config/") for key in keys):
            self.compile()

    @property
    def complete(self) -> bool:
        """Whether all documents that existed at the start have been said."""
        return COMPLETE in self.rows

    @property
    def may_emit(self) -> bool:
        """Whether anybody may be told anything now: configuration is complete, and we are not catching up."""
        return self.complete and self.clock.caught_up

    def revision(self, owner: str, type: str, name: str) -> int:
        """The revision that this machine holds; 0 where it has never heard of the document."""
        copy = self.get(CONFIG, f"{owner}/{type}/{name}")
        return copy.revision if copy else 0

    def document(self, kind: type[D], owner: str, name: str) -> D | None:
        """The document of a kind that an owner has under a name."""
        document = self.documents.get(CONFIG.key(f"{owner}/{kind.type}/{name}"))
        return document if isinstance(document, kind) else None

    def of(self, type: str) -> Iterator[Owned]:
        """All documents of one kind, in the order of owner and name."""
        return (document for _, document in sorted(self.documents.items()) if document.type == type)

    def on_config(self, config: ConfigRevision) -> None:
        """One document at one revision: the highest wins, and a delete is a revision too."""
        if config.complete:
            self._completed()
            return
        if config.type not in registry.KINDS:
            raise Refused(f"config: there is no document of kind {config.type!r}")
        row = self.open(CONFIG.key(f"{config.owner}/{config.type}/{config.name}"))
        if row is None or config.revision <= (row.value.revision if row.value else 0):
            return
        document = None if config.body is None else _document(config.type, config.body)
        before = self.documents.pop(row.key, None)
        if document is not None:
            self.documents[row.key] = document
            self.deleted.pop(row.key, None)
        elif before is not None:
            self.deleted[row.key] = before
        last = None if row.key not in self.deleted else self.deleted[row.key].body()
        row.value = Copy(config.type, config.revision, config.body, last)
        self.reconfigured(before, document)

    def _completed(self) -> None:
        known, row = self.complete, self.open(COMPLETE)
        if row is not None and not known:
            row.value = Copy()
            self.completed()

    def reconfigured(self, before: Owned | None, after: Owned | None) -> None:
        """A document has come, changed or gone."""

    def completed(self) -> None:
        """The first configuration is complete: what was only remembered is judged now."""


def _document(kind: str, body: dict[str, Any]) -> Owned:
    """The typed document; Refused where it is none."""
    return _read(kind, orjson.dumps(body))


@lru_cache(maxsize=SHARED)
def _read(kind: str, body: bytes) -> Owned:
    return registry.read(kind, orjson.loads(body))
