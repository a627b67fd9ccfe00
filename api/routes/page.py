"""The page and its files: plain HTML, CSS and modules, served as they are, holding no data."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

STATIC = Path(__file__).parents[1] / "pages" / "static"
router = APIRouter(include_in_schema=False)


@router.api_route("/", methods=["GET", "HEAD"])
async def page() -> FileResponse:
    """The page of active alerts; what it shows it asks for itself, with the reader's session."""
    return FileResponse(STATIC / "index.html", media_type="text/html; charset=utf-8")
