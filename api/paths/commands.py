"""`/v1/commands/{id}`: what became of a command whose answer was 202."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.answer import found, open_words
from api.instant import spell
from api.permission import may
from api.wiring import Who, Wired

router = APIRouter(prefix="/v1/commands", tags=["commands"])


@router.get("/{command_id}")
async def one(wired: Wired, who: Who, command_id: str) -> dict[str, Any]:
    """The decision: `accepted`, `refused` with its reason, `pending` where nobody has confirmed it; else 404."""
    decision = await wired.asker.decided(command_id)
    mine = decision if decision and may(who, decision.team) else None
    shown = found(mine, f"decided command {command_id} (it may still be on its way)")
    return {
        "id": shown.id,
        "status": shown.status,
        "reason": shown.reason if shown.deadline is None else open_words(shown, wired.now()),
        "code": shown.code,
        "by": shown.by,
        "at": spell(shown.at),
    }
