"""`POST /v1/routes/test`: which groups an alert with certain labels joins, and who hears of it; nothing is sent."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Deps, Who
from api.queries import documents as reading
from api.trials.route_trial import try_routes
from streams.access import Permission, readable_teams, require
from streams.documents.document import PLATFORM, Length

router = APIRouter(prefix="/v1/routes", tags=["routes"])
Text = Annotated[str, Field(max_length=1_000)]
HOUR = 3_600_000  # ms


class RouteQuestion(BaseModel):
    """An alert's labels, `severity`, `team`, `rule` and `gateway` among them; `for`: how far to look ahead."""

    model_config = ConfigDict(extra="forbid")
    labels: dict[Text, Text] = Field(max_length=100)
    for_: Length = Field(default=HOUR, alias="for")


@router.post("/test")
async def try_out(deps: Deps, who: Who, asked: RouteQuestion) -> dict[str, Any]:
    """The groups that an alert with these labels joins, by your teams' and the platform's documents, and who hears."""
    require(who, Permission.TRY, asked.labels.get("team", PLATFORM))
    own = readable_teams(who)
    teams = None if own is None else sorted({*own, PLATFORM})  # whose routes and policies may tell somebody
    known = await deps.database.read(lambda c: reading.readable(reading.all_of(c, "", teams)))
    async with deps.trials.turn(who.name):
        trial = await run_in_threadpool(try_routes, known, asked.labels, deps.now(), asked.for_)
    told = [
        {"after_seconds": call.after // 1000, "to": call.to, "what": call.what, "group": call.group}
        | {"reason_code": call.reason_code, "reason": call.reason}
        for call in trial.told
    ]
    return {"groups": list(trial.groups), "told": told}
