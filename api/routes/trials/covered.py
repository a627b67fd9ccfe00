"""`GET /v1/covered`: which open alerts a silence or a maintenance window would cover, before it is put."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Deps, Who
from api.queries import covered as reading
from streams.access import readable_teams
from streams.documents import coverage
from streams.documents.document import PLATFORM
from streams.errors import Refused

router = APIRouter(prefix="/v1/covered", tags=["documents"])


class CoverQuestion(BaseModel):
    """What would be covered, and whose document it would be; `platform` reaches every team."""

    model_config = ConfigDict(extra="forbid")
    covers: str = Field(max_length=2_000)
    team: str = Field(default=PLATFORM, max_length=100)
    limit: int = Field(default=20, ge=0, le=500)


@router.get("")
async def would_cover(deps: Deps, who: Who, asked: Annotated[CoverQuestion, Query()]) -> dict[str, Any]:
    """The open alerts of your teams that are meant; `total` says how many, of `open` that were looked at.

    `fired_within_day`: how many that fired within a day it would have covered; `warnings`: where that is broad.
    """
    teams = readable_teams(who)
    try:
        coverage.checked(asked.covers, whole=True)
    except Refused as why:
        raise Refused(f"`covers` {why}") from None
    found = await deps.database.read(
        lambda c: reading.covered(c, asked.covers, asked.team, teams, deps.now(), asked.limit)
    )
    return found._asdict()
