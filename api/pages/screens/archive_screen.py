"""`/archive`: what is over and old, by month: what there is, and the rows of one month."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import Deps, Who
from api.pages.surface.layout import render
from api.routes.history import archives
from api.routes.history.archives import MonthQuestion

router = APIRouter(prefix="/archive", include_in_schema=False)


@router.get("")
async def listed(request: Request, deps: Deps) -> Response:
    """The months that are archived."""
    return render(request, "archive.html", archive=await archives.listed(deps))


@router.get("/{month}")
async def look(
    request: Request, deps: Deps, who: Who, month: str, asked: Annotated[MonthQuestion, Query()]
) -> Response:
    """What a month holds of your teams."""
    rows = await archives.one(deps, who, month, asked)
    return render(request, "archived_month.html", month=month, rows=rows, asked=asked)
