"""`/v1/commands/{id}`: what became of a command whose answer was 202."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.answer import found
from api.instant import spell
from api.permission import may
from api.reading import commands as reading
from api.wiring import Who, Wired

router = APIRouter(prefix="/v1/commands", tags=["commands"])


@router.get("/{command_id}")
async def one(wired: Wired, who: Who, command_id: str) -> dict[str, Any]:
    """The decision, `accepted` or `refused` with its reason; 404 while there is none."""
    decision = await wired.database.read(lambda c: reading.one(c, command_id))
    mine = decision if decision and may(who, decision.team) else None
    shown = found(mine, f"decided command {command_id} (it may still be on its way)")
    return {
        "id": shown.id,
        "status": shown.status,
        "reason": shown.reason,
        "by": shown.by,
        "at": spell(shown.at),
    }
