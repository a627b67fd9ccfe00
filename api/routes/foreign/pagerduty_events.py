"""`POST /v2/enqueue`: what sends events to PagerDuty sends them here unchanged; its routing key is a token of ours."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.auth.guard import REVOKED
from api.commands.command_client import command
from api.dependencies import Dependencies, Deps
from api.queries import alerts as reading
from api.routes.foreign.emitting import emit_all, failures, own_team
from sources.intake.emitted_alert import emitted_verdict
from sources.intake.foreign import pagerduty_events
from sources.intake.foreign.reading import json_of
from streams.access import Permission, require
from streams.codes import RefusalCode
from streams.errors import Refused
from streams.messages.command import Acknowledge, Principal

router = APIRouter(prefix="/v2", tags=["pagerduty events"])


@router.post("/enqueue", status_code=202, response_model=None)
async def enqueue(deps: Deps, request: Request) -> JSONResponse:
    """Raise, acknowledge or resolve an alert; the same `dedup_key` of the same sender is the same alert."""
    event = pagerduty_events.posted(json_of(await request.body()))
    who = _sender(deps, event.routing_key)
    body = pagerduty_events.emitted_body(event, own_team(who))
    if event.event_action == "acknowledge":
        await _acknowledge(deps, who, body)
    else:
        await emit_all(deps, who, [body])
    key = pagerduty_events.dedup_key(event)
    return JSONResponse({"status": "success", "message": "Event processed", "dedup_key": key}, 202)


def _sender(deps: Dependencies, token: str) -> Principal:
    """Who a routing key is: a token like any other, in the place where PagerDuty's senders have one."""
    try:
        session = deps.tokens.read(token.strip())
    except Refused as why:
        raise Refused(
            f"`routing_key` must be a token of Tocsin (`tocsin token`): {why}", RefusalCode.NOT_SIGNED_IN
        ) from None
    if deps.revocations.holds(session.id):
        raise Refused(f"`routing_key`: {REVOKED}", RefusalCode.NOT_SIGNED_IN)
    return session.principal


async def _acknowledge(deps: Dependencies, who: Principal, body: dict[str, Any]) -> None:
    """Acknowledge the alert that the sender raised; Refused where it raised none."""
    emitted = emitted_verdict(body, who.name, deps.now())
    require(who, Permission.ACKNOWLEDGE, emitted.team)
    fingerprint = emitted.verdict.fingerprint
    alert = await deps.database.read(lambda c: reading.newest(c, fingerprint, emitted.team))
    if alert is None:
        raise Refused(
            f"`dedup_key`: nothing was triggered with {body['dedup_key']!r:.60}", RefusalCode.NOT_FOUND
        )
    action = Acknowledge(alert=fingerprint, alert_id=alert["id"])
    decision = await deps.command_client.ask(command(action, None, deps.now(), who, emitted.team))
    deps.measures.commands.labels(action.do, decision.status).inc()
    for why in failures(decision):
        raise why
