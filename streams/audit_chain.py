"""The chain of hashes over what was changed: a line in, the hash that the next line of its team is built on out.

A line that is altered, left out or put between others changes every hash after it. The text of a revision stands
in its line by its digest, so that a chain can be checked when old texts are gone, and by whoever has only an export.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

FORM = "tocsin-audit-1"  # of what is hashed: another one would be another chain


class AuditLine(NamedTuple):
    """One revision of a document. `place`: its number among those of its team, from 1; `at`: ms UTC.

    `digest`: of the revision's text, "" where the document was deleted.
    """

    place: int
    team: str
    type: str
    name: str
    document_id: str
    revision: int
    what: str
    by: str
    at: int
    digest: str

    def hash(self, previous: str) -> str:
        """The hash of this line and of all before it; `previous`: that of the line before, "" where there is none."""
        return hashlib.sha256(orjson.dumps([FORM, previous, *self])).hexdigest()


class Fault(NamedTuple):
    """Where a chain does not hold, and why."""

    team: str
    place: int
    why: str


def canonical(body: Mapping[str, Any] | None) -> str | None:
    """The one spelling of a revision's text, of which the digest is taken; None where the document was deleted."""
    return None if body is None else orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()


def digest(text: str | None) -> str:
    """The digest of a revision's text as `canonical` spells it; "" where the document was deleted."""
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()


class ChainCheck:
    """Follows the chain of one team, line by line in their order, and keeps the first fault."""

    def __init__(self, team: str) -> None:
        """Nothing has been seen."""
        self.team = team
        self.first: int | None = None
        self.lines, self.head = 0, ""
        self.fault: Fault | None = None
        self.last = 0

    def add(self, line: AuditLine, previous: str, hash: str) -> None:
        """Take the next line with the hashes that stand beside it; after a fault nothing more is said."""
        if self.fault is None and (why := self._wrong(line, previous, hash)):
            self.fault = Fault(self.team, line.place, why)
        if self.first is None:
            self.first = line.place
        self.lines, self.head, self.last = self.lines + 1, hash, line.place

    def _wrong(self, line: AuditLine, previous: str, hash: str) -> str:
        if self.first is None:
            if line.place == 1 and previous:
                return "the first line is built on another one"
        elif line.place != self.last + 1:
            return f"the line after {self.last} is missing"
        elif previous != self.head:
            return "it is not built on the line before"
        if line.hash(previous) != hash:
            return "its hash is that of another line: something in it was altered"
        return ""


def exported(rows: Iterable[Mapping[str, Any]]) -> list[ChainCheck]:
    """The chains of an export, checked; each row has the fields of a line with `previous` and `hash`."""
    checks: dict[str, ChainCheck] = {}
    for row in rows:
        line = AuditLine(*(row[name] for name in AuditLine._fields))
        checks.setdefault(line.team, ChainCheck(line.team)).add(line, row["previous"], row["hash"])
    return list(checks.values())
