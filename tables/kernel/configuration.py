"""Configuration as a machine sees it: read-only copies of documents, each at its highest revision.

Documents arrive as messages in the machine's own log, so that each has a place in its order; a marker says
when all that exists has been said. Until then a machine remembers, but judges and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.documents import registry
from streams.documents.document import Owned
from streams.errors import Refused
from streams.messages.envelope import Body
from streams.messages.said import Document
from tables.kernel.machine import Machine

COMPLETE = "1/!complete"


class Configured(Machine):
    """A machine with documents at level 1."""

    kinds: tuple[str, ...] = ()  # the kinds of documents that this stage needs

    def compile(self) -> None:
        """Parse the documents anew; a stage extends this by what it derives from them."""
        self.documents: dict[str, Owned] = {}
        self.former: dict[str, Owned] = {}  # deleted ones, for what has still to be said of them
        for row in self.alive("1/"):
            if row.key != COMPLETE:
                for held, body in ((self.documents, row.value["body"]), (self.former, row.value["last"])):
                    if body is not None:
                        held[row.key] = registry.read(row.value["type"], body)

    def rolled_back(self, keys: set[str]) -> None:
        """Documents are parsed anew only where one was restored: a refused command costs no more than itself."""
        if any(key.startswith("1/") for key in keys):
            self.compile()

    @property
    def complete(self) -> bool:
        """Whether all documents that existed at the start have been said."""
        return COMPLETE in self.rows

    @property
    def speaking(self) -> bool:
        """Whether anybody may be told anything now: configuration is complete, and we are not catching up."""
        return self.complete and self.clock.attending

    def revision(self, owner: str, type: str, name: str) -> int:
        """The revision that this machine holds; 0 where it has never heard of the document."""
        row = self.rows.get(f"1/{owner}/{type}/{name}")
        return row.value.get("revision", 0) if row else 0

    def of(self, type: str) -> Iterator[Owned]:
        """All documents of one kind, in the order of owner and name."""
        return (document for _, document in sorted(self.documents.items()) if document.type == type)

    def on_config(self, message: Body) -> None:
        """One document at one revision: the highest wins, and a delete is a revision too."""
        said = Document.read(message)
        if said.complete:
            self._completed()
            return
        if said.type not in registry.KINDS:
            raise Refused(f"config: there is no document of kind {said.type!r}")
        row = self.open(f"1/{said.owner}/{said.type}/{said.name}")
        if row is None or said.revision <= row.value.get("revision", 0):
            return
        document = None if said.body is None else registry.read(said.type, said.body)
        before = self.documents.pop(row.key, None)
        if document is not None:
            self.documents[row.key] = document
            self.former.pop(row.key, None)
        elif before is not None:
            self.former[row.key] = before
        last = None if row.key not in self.former else self.former[row.key].body()
        row.value = {"type": said.type, "revision": said.revision, "body": said.body, "last": last}
        self.reconfigured(before, document)

    def _completed(self) -> None:
        known = self.complete
        if self.open(COMPLETE) is not None and not known:
            self.completed()

    def reconfigured(self, before: Owned | None, after: Owned | None) -> None:
        """A document has come, changed or gone."""

    def completed(self) -> None:
        """The first configuration is complete: what was only remembered is judged now."""
