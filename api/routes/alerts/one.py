"""One alert with all that is known of it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.commands.answer import found
from api.dependencies import Deps, Who
from api.queries import alerts as reading
from streams.access import readable_teams

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


@router.get("/{alert_id}")
async def one(deps: Deps, who: Who, alert_id: str) -> dict[str, Any]:
    """One alert with its timeline: its own changes, and its group's from its firing to ten minutes after its end."""
    shown = await deps.database.read(lambda c: reading.one(c, alert_id, readable_teams(who), timeline=True))
    return dict(found(shown, f"alert {alert_id}"))
