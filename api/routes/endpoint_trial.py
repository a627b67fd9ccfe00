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
from streams.messages.command import TryEndpoint
from tables.respond.endpoint_trial import trial_id

router = APIRouter(prefix="/v1/endpoints", tags=["endpoints"])


@router.post("/{document_id}/test", response_model=None)
async def try_endpoint(deps: Deps, who: Who, document_id: str, key: Keyed) -> JSONResponse | dict[str, Any]:
    """Send a test to one endpoint, and say what its receiver answered; somebody hears of it."""
    row = found(await document_commands.row(deps, who, "endpoint", document_id), f"endpoint {document_id}")
    require(who, Permission.TEST, row.team)
    action = TryEndpoint(name=row.name)
    decision = await deps.command_client.ask(command(action, key, deps.now(), who, row.team))
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


async def _lines(deps: Dependencies, notification: str) -> list[Delivery]:
    """What became of it until it is over, or until nobody waits any longer."""
    loop = asyncio.get_running_loop()
    until = loop.time() + deps.test_patience
    while True:
        lines = await deps.database.read(lambda c: deliveries.of(c, notification))
        if (lines and lines[-1].over) or loop.time() > until:
            return lines
        await asyncio.sleep(LOOK)
