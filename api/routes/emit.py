"""`POST /v1/events`, `POST /v1/alerts`: what plugins and services report themselves, by a token of theirs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse

from api.commands.answer import accepted, pending
from api.commands.command_client import command
from api.commands.idempotency import IdempotencyKey, identified
from api.dependencies import Deps, Keyed, Who
from api.queries import alerts as reading
from sources.intake.emitted_alert import emitted_verdict
from sources.intake.emitted_event import event
from streams.access import Permission, require
from streams.documents.document import PLATFORM
from streams.errors import Unavailable, Unconfirmed
from streams.messages.command import Emit

router = APIRouter(prefix="/v1", tags=["emit"])
Given = Annotated[dict[str, Any], Body()]
UNCONFIRMED = "the broker has not confirmed it: send the same again, with the same `id` it counts once"


@router.post("/events", status_code=202)
async def emit_event(deps: Deps, who: Who, body: Given, key: Keyed) -> dict[str, Any]:
    """Report one happening at a gateway, for rules to judge; 202: it is kept, and nobody has judged it yet."""
    require(who, Permission.EMIT, PLATFORM)
    named = {"id": identified(key).id} | body if key else body
    happening = event(named, who.name, deps.now())
    try:
        await deps.events.send(happening)
    except Unconfirmed:
        raise Unavailable(UNCONFIRMED) from None
    return {"status": "kept", "id": happening.id, "gateway": happening.gateway, "type": happening.type}


@router.post("/alerts", response_model=None)
async def emit_alert(deps: Deps, who: Who, body: Given, key: Keyed) -> JSONResponse | dict[str, Any]:
    """Raise an alert, or resolve it; the same `dedup_key` of the same sender and source is the same alert."""
    emitted = emitted_verdict(body, who.name, deps.now())
    require(who, Permission.EMIT, emitted.team)
    if key is None and emitted.id:  # a repeat is known by the sender's own id as well
        key = IdempotencyKey(emitted.id, "")
    action = Emit(verdict=emitted.verdict)
    decision = await deps.command_client.ask(command(action, key, deps.now(), who, emitted.team))
    deps.measures.commands.labels(action.do, decision.status).inc()
    if not accepted(decision):
        return pending(decision)
    fingerprint = emitted.verdict.fingerprint
    alert = await deps.database.read(lambda c: reading.newest(c, fingerprint, emitted.team))
    return {"status": "accepted", "reason": decision.reason, "alert": alert}
