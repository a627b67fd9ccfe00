"""A revision as answers show it: which, when, by whom, and what it changed, secrets masked."""

from __future__ import annotations

from typing import Any

from api.documents.revision_diff import field_changes
from api.documents.seal import Sealer
from api.instant import spell
from api.queries.audit.revisions import RevisionRow


def shown(row: RevisionRow, sealer: Sealer) -> dict[str, Any]:
    """JSON of one revision; `changes` null: the text of it, or of the one before, is no longer kept."""
    line, known = row.line, row.kept and row.before_kept
    changes = field_changes(sealer, line.type, row.before, row.body) if known else None
    return {
        "revision": line.revision,
        "what": "deleted"
        if row.deleted
        else "created"
        if row.before is None and row.before_kept
        else "changed",
        "at": spell(line.at),
        "by": line.by,
        "kept": row.kept,
        "changes": None if changes is None else [change._asdict() for change in changes],
    }


def whole(row: RevisionRow, sealer: Sealer) -> dict[str, Any]:
    """The same with the document as it was; null: it was deleted, or its text is no longer kept."""
    document = None if row.body is None else sealer.masked(row.line.type, row.body)
    return shown(row, sealer) | {"document": document}


def audited(row: RevisionRow, sealer: Sealer) -> dict[str, Any]:
    """The same as a line of the audit, with all that its hash is made of."""
    return shown(row, sealer) | {
        **row.line._asdict(), "at": spell(row.line.at), "previous": row.previous, "hash": row.hash,
    }  # fmt: skip
