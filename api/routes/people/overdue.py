"""`/v1/escalations/overdue`: what should have been told by now, and has not been."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api import instant
from api.dependencies import Deps, Who
from api.queries.states import overdue
from streams.access import readable_teams

router = APIRouter(prefix="/v1/escalations", tags=["alerts"])


@router.get("/overdue")
async def overdue_escalations(deps: Deps, who: Who) -> dict[str, Any]:
    """Escalations whose next step was due more than a minute ago, those that have waited longest first."""
    teams, now = readable_teams(who), deps.now()
    escalations = await deps.database.read(lambda c: overdue.overdue(c, teams, now))
    return {
        "items": [
            {
                "group": each.group, "alert": each.alert, "message": each.message, "next": each.next,
                "due": instant.spell(each.due), "late_seconds": (now - each.due) // 1_000,
            }
            for each in escalations
        ]
    }  # fmt: skip
