"""Whom a silence or a window would cover, before it is made."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.commands.answer import found
from api.dependencies import Deps, Who
from api.queries import alerts as reading
from api.queries.alert.covered import Covering, covered
from streams.access import Permission, readable_teams, require
from streams.documents import coverage
from streams.documents.document import PLATFORM
from streams.documents.suppression.silence import of_alert
from streams.errors import Refused

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])
BROAD = 10  # alerts of which a third or more are a lot to be quiet about


class Matching(BaseModel):
    """Matchers as a silence has them, and the team whose silence it would be."""

    model_config = ConfigDict(extra="forbid")
    covers: str = Field(max_length=2_000)
    team: str = Field(default=PLATFORM, max_length=100)


@router.post("/covered")
async def preview(deps: Deps, who: Who, wanted: Matching) -> dict[str, Any]:
    """Which open alerts the matchers cover now, and how many that fired within a day: what a silence would do."""
    if wanted.team != PLATFORM:
        require(who, Permission.READ, wanted.team)
    try:
        covers = coverage.checked(wanted.covers, whole=True)
    except Refused as why:
        raise Refused(f"`covers`: {why}") from None
    asked = Covering(covers, wanted.team, readable_teams(who), deps.now())
    shown = await deps.database.read(lambda c: covered(c, asked))
    return shown | {"warnings": _warnings(shown["covered"], shown["open"])}


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


def _warnings(covered: int, opened: int) -> list[str]:
    """What whoever makes it should think of."""
    if covered >= BROAD and 3 * covered >= opened:
        return [f"this is broad: it covers {covered} of {opened} open alerts"]
    return []
