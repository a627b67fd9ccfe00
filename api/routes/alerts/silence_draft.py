"""The beginnings of a silence from an alert."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.commands.answer import found
from api.dependencies import Deps, Who
from api.queries import alerts as reading
from streams.access import readable_teams
from streams.documents.suppression.silence import of_alert

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


@router.get("/{alert_id}/silence")
async def draft(deps: Deps, who: Who, alert_id: str) -> dict[str, Any]:
    """The beginnings of a silence from an alert: its team, and matchers of it at its severity and those below."""
    teams = readable_teams(who)
    alert = found(await deps.database.read(lambda c: reading.one(c, alert_id, teams)), f"alert {alert_id}")
    about = {name: alert[name] for name in ("rule", "gateway")}
    return {
        "team": alert["team"],
        "owner": who.name,
        "labels": alert["labels"] | {name: value for name, value in about.items() if value},
        "covers": of_alert(alert["labels"] | about, alert["severity"]),
    }
