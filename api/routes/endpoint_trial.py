"""`POST /v1/endpoints/{id}/test`: a labelled test goes the whole way, and its receiver's words come back."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.commands import document_commands
from api.commands.answer import accepted, found, pending
from api.commands.command_client import LOOK, command
from api.dependencies import Dependencies, Deps, Keyed, Who
from api.instant import spell
from api.queries import deliveries
from api.queries.deliveries import Delivery
from streams.access import Permission, require
from streams.documents.document import PLATFORM
from streams.documents.registry import identity
from streams.messages.command import Principal, TryEndpoint
from tables.respond.endpoint_trial import trial_id

LOG = str(identity(PLATFORM, "endpoint", "log"))
router = APIRouter(prefix="/v1/endpoints", tags=["endpoints"])


@router.post("/{document_id}/test", response_model=None)
async def try_endpoint(deps: Deps, who: Who, document_id: str, key: Keyed) -> JSONResponse | dict[str, Any]:
    """Send a test to one endpoint, and say what its receiver answered; somebody hears of it."""
    team, name = await _named(deps, who, document_id)
    require(who, Permission.TEST, team)
    action = TryEndpoint(name=name)
    decision = await deps.command_client.ask(command(action, key, deps.now(), who, team))
    deps.measures.commands.labels(action.do, decision.status).inc()
    if not accepted(decision):
        return pending(decision)
    lines = await _lines(deps, trial_id(decision.id))
    last = lines[-1] if lines else None
    result = last.what if last and (last.over or last.what == "retry") else "pending"
    return {
        "notification": trial_id(decision.id),
        "result": result,
        "reason": last.reason if last else "nothing has been heard of it: are deliver and the sinks running?",
        "attempts": [{"at": spell(line.at), "what": line.what, "reason": line.reason} for line in lines],
    }


async def _named(deps: Dependencies, who: Principal, document_id: str) -> tuple[str, str]:
    """Team and name of the endpoint with this id; the platform's log has one without a document."""
    row = await document_commands.row(deps, who, "endpoint", document_id)
    if row is None and document_id == LOG:
        return PLATFORM, "log"
    row = found(row, f"endpoint {document_id}")
    return row.team, row.name


async def _lines(deps: Dependencies, notification: str) -> list[Delivery]:
    """What became of it until it is over, or until nobody waits any longer."""
    loop = asyncio.get_running_loop()
    until = loop.time() + deps.test_patience
    while True:
        lines = await deps.database.read(lambda c: deliveries.of(c, notification))
        if (lines and lines[-1].over) or loop.time() > until:
            return lines
        await asyncio.sleep(LOOK)
