"""`/v1/commands/{id}`: what became of a command whose answer was 202."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.commands.answer import found, open_words
from api.dependencies import Deps, Who
from api.instant import spell
from streams.access import Permission, may

router = APIRouter(prefix="/v1/commands", tags=["commands"])


@router.get("/{command_id}")
async def one(deps: Deps, who: Who, command_id: str) -> dict[str, Any]:
    """The decision: `accepted`, `refused` with its reason, `pending` where nobody has confirmed it; else 404."""
    decision = await deps.command_client.decided(command_id)
    mine = decision if decision and may(who, Permission.READ, decision.team) is None else None
    shown = found(mine, f"decided command {command_id} (it may still be on its way)")
    return {
        "id": shown.id,
        "status": shown.status,
        "reason_code": shown.code.value if shown.code else "",
        "reason": shown.reason if shown.deadline is None else open_words(shown, deps.now()),
        "by": shown.by,
        "at": spell(shown.at),
    }
