"""`/history`: alerts that were, how fast they were answered, day by day, by team or rule; which rules are loud."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection

from api.dependencies import Dependencies, Deps, Who
from api.pages.surface import drawing
from api.pages.surface.drawing import Drawing
from api.pages.surface.form import checked
from api.pages.surface.layout import render
from api.pages.surface.reader_zone import reader_zone
from api.queries import documents
from api.queries.history.period import Per
from api.routes.history import metrics, table
from api.routes.history.asked import Past
from api.routes.history.metrics import Grouped, Loudest
from api.routes.history.table import Listed
from streams.access import readable_teams
from streams.calendar.zone import local_time
from streams.documents.report import ScheduledReport
from streams.messages.command import Principal

router = APIRouter(prefix="/history", include_in_schema=False)
DAYS = 30  # that are looked at at first
LOUD = 10  # rules
FILTERS = ("from", "to", "zone", "status", "severity", "team", "gateway", "rule", "q")


class HistoryFilters(Past):
    """Besides: by what figures are counted apart, whether days or weeks are drawn, and which page of the table."""

    by: Literal["team", "rule", "severity", "gateway"] = "team"
    per: Per = "day"
    cursor: str = ""
    zone: str = Field(default="", max_length=100)


@router.get("")
async def look(request: Request, deps: Deps, who: Who, asked: Annotated[HistoryFilters, Query()]) -> Response:
    """All of it for the alerts that the filters mean."""
    today = local_time(deps.now(), reader_zone(request)).date()
    filters = narrowed(asked, today, reader_zone(request).key)
    listed = await table.listed(deps, who, checked(Listed, filters | {"cursor": asked.cursor}))
    figures = await metrics.at_once(deps, who, checked(Grouped, filters | {"by": asked.by}), asked.per)
    return render(
        request, "history.html", asked=asked, filters=filters, listed=listed, figures=figures,
        picture=_picture(figures["items"], asked.per), query=urlencode(filters), reports=await _scheduled(deps, who),
        more=urlencode(filters | {"by": asked.by, "per": asked.per, "cursor": listed["next_cursor"] or ""}),
    )  # fmt: skip


@router.get("/noise")
async def loudest(
    request: Request, deps: Deps, who: Who, asked: Annotated[HistoryFilters, Query()]
) -> Response:
    """The loudest rules of the same alerts, as a part of the page that it asks for by itself."""
    today = local_time(deps.now(), reader_zone(request)).date()
    filters = narrowed(asked, today, reader_zone(request).key)
    return render(request, "noise.html", noise=await _noise(deps, who, filters))


def narrowed(asked: Past, today: date, zone: str) -> dict[str, str]:
    """The filters as the API takes them: where no day is named, the last days until today, in the reader's zone."""
    named = {
        name: value for name, value in asked.model_dump(by_alias=True).items() if name in FILTERS and value
    }
    usual = {"zone": zone, "to": today.isoformat(), "from": (today - timedelta(days=DAYS - 1)).isoformat()}
    return {**usual, **named}


async def _noise(deps: Dependencies, who: Principal, filters: dict[str, str]) -> list[dict[str, Any]]:
    """The loudest rules; those that told nobody and were always answered are no noise."""
    loud = await metrics.noisy(deps, who, checked(Loudest, filters | {"limit": LOUD}))
    return [row for row in loud["items"] if row["notifications"] or row["never_acknowledged"]]


async def _scheduled(deps: Dependencies, who: Principal) -> list[tuple[ScheduledReport, int | None]]:
    """The reports that come by themselves, each with when it is due next."""
    teams, now = readable_teams(who), deps.now()

    def read(connection: Connection) -> list[tuple[ScheduledReport, int | None]]:
        known = documents.readable(documents.all_of(connection, "report", teams))
        reports = [document for document in known if isinstance(document, ScheduledReport)]
        return [(report, report.next_after(now)) for report in reports]

    return await deps.database.read(read)


def _picture(items: list[dict[str, Any]], per: str) -> Drawing:
    """A column for each day or week: what was acknowledged at the bottom, what was not above."""
    stacks = [
        [("answered", item["acknowledged"]), ("unanswered", item["alerts"] - item["acknowledged"])]
        for item in items
    ]
    titles = [f"{item[per]}: {item['alerts']} alerts, {item['acknowledged']} acknowledged" for item in items]
    return drawing.columns(stacks, titles)
