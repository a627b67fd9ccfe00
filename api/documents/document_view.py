"""A document as answers show it: its fields, and beside them its id, revision and who changed it when."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from api.documents.reference import owners
from api.documents.seal import Sealer
from api.instant import spell
from api.queries.documents import DocumentRow
from streams.documents.document import derived

ADDED = frozenset({"id", "type", "revision", "updated_at", "updated_by", "escalation_policy_id", "warnings"})


def shown(row: DocumentRow, sealer: Sealer, policies: Collection[str]) -> dict[str, Any]:
    """JSON of one document, secrets masked; a rule also names its escalation policy by id. `policies`: ids of all."""
    body = sealer.masked(row.type, row.body)
    if row.type == "rule":
        body["escalation_policy_id"] = _policy(row, policies)
    added = {"revision": row.revision, "updated_at": spell(row.at), "updated_by": row.by}
    return {"id": row.id, "type": row.type, **body, **added}


def _policy(row: DocumentRow, policies: Collection[str]) -> str | None:
    """The id of the policy that is meant: the own team's, else the platform's."""
    name = row.body.get("escalation_policy")
    ids = (str(derived(owner, "policy", name)) for owner in owners(row.team)) if name else ()
    return next((id_ for id_ in ids if id_ in policies), None)
