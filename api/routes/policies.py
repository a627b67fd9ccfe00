"""`/v1/policies/{id}/apply-now`: what runs goes on by the policy as it is now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.commands import document_commands
from api.commands.answer import accepted, found, pending
from api.commands.command_client import command
from api.dependencies import Deps, Keyed, Who
from streams.access import Permission, require
from streams.messages.command import ApplyPolicy

router = APIRouter(prefix="/v1/policies", tags=["policies"])


@router.post("/{document_id}/apply-now")
async def apply_now(
    deps: Deps, who: Who, document_id: str, key: Keyed, team: Annotated[str, Query(max_length=200)] = ""
) -> JSONResponse:
    """Let the running escalations of a team, the policy's own where none is said, go on by the policy as it is now."""
    row = found(await document_commands.row(deps, who, "policy", document_id), f"policy {document_id}")
    require(who, Permission.APPLY_POLICY, team or row.team)
    action = ApplyPolicy(policy=row.name)
    decision = await deps.command_client.ask(command(action, key, deps.now(), who, team or row.team))
    deps.measures.commands.labels(action.do, decision.status).inc()
    return JSONResponse({"says": decision.reason}) if accepted(decision) else pending(decision)
