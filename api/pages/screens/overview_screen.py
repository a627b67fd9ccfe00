"""`/overview`: where the reader is: what is open, who is on call, what is heard and what lags; the first steps."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import Deps
from api.pages.surface.layout import render
from api.routes import health

router = APIRouter(prefix="/overview", include_in_schema=False)


@router.get("/banner")
async def banner(request: Request, deps: Deps) -> Response:
    """What the system says of itself; empty where all is well."""
    return render(request, "banner.html", says=(await health.system(deps))["says"])
