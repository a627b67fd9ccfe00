"""The list of alerts, and the facets by which it can be narrowed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api import instant
from api.dependencies import Deps, Who
from api.queries import cursor as cursors
from api.queries.alert.facets import facets
from api.queries.page import SEVERITIES, STATUSES, Filters, page
from api.words import words
from streams.access import Permission, readable_teams, require
from streams.messages.command import Principal

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


class Narrowing(BaseModel):
    """What alerts may be narrowed by; several statuses or severities are separated by commas."""

    model_config = ConfigDict(extra="forbid", str_max_length=500)
    status: str = "firing,acknowledged"
    severity: str = ""
    team: str = ""
    gateway: str = ""
    rule: str = ""
    suppressed: Literal["", "yes", "no"] = ""
    q: str = ""

    def filters(self, who: Principal) -> Filters:
        """The filters, of what a person may read; Refused names the one that cannot be read."""
        if self.team:
            require(who, Permission.READ, self.team)
        return Filters(
            teams=readable_teams(who),
            statuses=words(self.status, STATUSES, "status"),
            severities=words(self.severity, SEVERITIES, "severity"),
            team=self.team,
            gateway=self.gateway,
            rule=self.rule,
            text=self.q,
            suppressed={"yes": True, "no": False}.get(self.suppressed),
        )


class Asked(Narrowing):
    """Which page of the list."""

    id: str = ""
    since: str = ""
    cursor: str = ""
    limit: int = Field(default=50, ge=1, le=500)

    def filters(self, who: Principal) -> Filters:
        """The filters, with those that only a list has."""
        since = instant.read(self.since, "since") if self.since else None
        return super().filters(who)._replace(begins=self.id, since=since)


@router.get("")
async def listed(deps: Deps, who: Who, asked: Annotated[Asked, Query()]) -> dict[str, Any]:
    """Alerts that you may see, the most severe first, then the newest; open ones unless `status` says else."""
    filters, after = asked.filters(who), cursors.read(asked.cursor) if asked.cursor else None
    return await deps.database.read(lambda c: page(c, filters, after, asked.limit))


@router.get("/facets")
async def counted(deps: Deps, who: Who, asked: Annotated[Narrowing, Query()]) -> dict[str, Any]:
    """How many alerts each status, severity, team, gateway and rule has; each heeds all filters but its own."""
    filters = asked.filters(who)
    return {"facets": await deps.database.read(lambda c: facets(c, filters))}
