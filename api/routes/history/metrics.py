"""`/v1/history/metrics`, `/trends`, `/noise`: how fast alerts were answered, on which day, and which rules are loud."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from api.dependencies import Deps, Who
from api.instant import spell
from api.queries.history import metrics as reading
from api.queries.history import noise as loud
from api.queries.history.period import Per, Period
from api.routes.history.asked import Past
from api.words import words

router = APIRouter(prefix="/v1/history", tags=["history"])


class Grouped(Past):
    """Besides: `by` which figures are counted apart, several with commas."""

    by: str = "team"


class Trend(Past):
    """Besides: whether days or weeks are counted."""

    per: Per = "day"


class Loudest(Past):
    """Besides: how many rules."""

    limit: int = Field(default=20, ge=1, le=500)


@router.get("/metrics")
async def measured(deps: Deps, who: Who, asked: Annotated[Grouped, Query()]) -> dict[str, Any]:
    """Time to acknowledge and to resolve (mean, median, nine tenths, in seconds) of what fired in a period."""
    selection, by = asked.selection(who, deps.now()), words(asked.by, reading.DIMENSIONS, "by")
    metrics = await deps.database.read(lambda c: reading.measured(c, selection, by))
    return _about(selection.period) | {"total": metrics.total, "groups": metrics.groups if by else []}


@router.get("/trends")
async def trends(deps: Deps, who: Who, asked: Annotated[Trend, Query()]) -> dict[str, Any]:
    """The same figures for the alerts that fired on each day, or in each week, of the reader's zone."""
    selection = asked.selection(who, deps.now())
    items = await deps.database.read(lambda c: reading.trend(c, selection, asked.per))
    return _about(selection.period) | {"items": items}


async def at_once(deps: Deps, who: Who, asked: Grouped, per: Per) -> dict[str, Any]:
    """Total, groups and trend (`items`) of the same alerts, from one look at them: for who shows all of it."""
    selection, by = asked.selection(who, deps.now()), words(asked.by, reading.DIMENSIONS, "by")
    metrics = await deps.database.read(lambda c: reading.measured(c, selection, by, per))
    return _about(selection.period) | {
        "total": metrics.total,
        "groups": metrics.groups,
        "items": metrics.trend,
    }


@router.get("/noise")
async def noisy(deps: Deps, who: Who, asked: Annotated[Loudest, Query()]) -> dict[str, Any]:
    """Rules by notifications, by those at night (22 to 7 in the reader's zone), by alerts nobody acknowledged."""
    selection = asked.selection(who, deps.now())
    items = await deps.database.read(lambda c: loud.noise(c, selection, asked.limit))
    return _about(selection.period) | {"items": items}


def _about(period: Period) -> dict[str, Any]:
    return {"from": spell(period.begin), "to": spell(period.end), "zone": period.zone.key}
