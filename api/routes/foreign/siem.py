"""`POST /v1/siem/{gateway}`: a gateway's SIEM export posts its events here, one by one, for rules to judge."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from api.dependencies import Deps, Who
from api.routes.foreign.emitting import UNCONFIRMED
from sources.intake.foreign import siem
from sources.intake.foreign.reading import json_of
from sources.intake.metrics.pushed import gateway_name
from streams.access import Permission, require
from streams.codes import RefusalCode
from streams.documents.document import PLATFORM
from streams.errors import Refused, Unavailable, Unconfirmed
from streams.keys import several

router = APIRouter(prefix="/v1/siem", tags=["siem"])


@router.post("/{gateway}", status_code=202)
async def siem_event(deps: Deps, who: Who, request: Request, gateway: str) -> dict[str, Any]:
    """Take one event, signed with the gateway's key; the same `event_id` counts once."""
    require(who, Permission.EMIT, PLATFORM)
    name, raw = gateway_name(gateway), await request.body()
    keys = [key.encode() for key in several(deps.settings.system_keys)]
    if not siem.is_proved(raw, request.headers.get(siem.HEADER, ""), name, keys):
        raise Refused(siem.UNPROVED.format(gateway=name), RefusalCode.NOT_SIGNED_IN)
    happening = siem.event(json_of(raw), name)
    try:
        await deps.events.send(happening)
    except Unconfirmed:
        raise Unavailable(UNCONFIRMED) from None
    return {"status": "kept", "id": happening.id, "gateway": happening.gateway, "type": happening.type}
