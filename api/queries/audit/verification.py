"""The chains of some teams in the read model, checked line by line with the texts that are kept."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection

from api.queries.audit import revisions
from streams.audit_chain import ChainCheck, digest

BATCH = 1_000  # lines that are read at once


def verified(connection: Connection, team: str, known: Collection[str]) -> dict[str, Any]:
    """What is true of the chain of a team. `known`: hashes that somebody noted earlier, to be found in it.

    `first`: the place of its first line, more than 1 where older ones were removed by age; `found`: which of the
    noted hashes it holds; `fault`: the first place at which it does not hold, and why.
    """
    check, place, noted = ChainCheck(team), 0, set[str]()
    faults: list[tuple[int, str]] = []
    while batch := revisions.chained(connection, team, place, BATCH):
        for row, text in batch:
            check.add(row.line, row.previous, row.hash)
            place = row.line.place
            if row.hash in known:
                noted.add(row.hash)
            if not faults and text is not None and digest(text) != row.line.digest:
                faults.append((place, "its text is not the one that was recorded"))
    if check.fault:
        faults.append((check.fault.place, check.fault.why))
    fault = dict(zip(("place", "why"), min(faults), strict=True)) if faults else None
    return {
        "team": team, "lines": check.lines, "first": check.first, "last": place, "head": check.head,
        "found": sorted(noted), "fault": fault,
    }  # fmt: skip
