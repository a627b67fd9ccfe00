"""`/audit`: who changed what, before and after, and whether the record of it holds."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import Deps, Who
from api.pages.surface.editor import page_of
from api.pages.surface.layout import render
from api.routes.audit import audit
from api.routes.audit.audit import ChangedPage, Noted
from streams.documents.registry import KINDS, SECTIONS

router = APIRouter(prefix="/audit", include_in_schema=False)
PATHS = {kind: section for section, kind in SECTIONS.items()}


@router.get("")
async def look(request: Request, deps: Deps, who: Who, asked: Annotated[ChangedPage, Query()]) -> Response:
    """The changes that the filters mean, the newest first."""
    entries = await audit.listed(deps, who, asked)
    filters = asked.model_dump(by_alias=True, exclude_defaults=True) | {
        "cursor": entries["next_cursor"] or ""
    }
    return render(
        request, "audit.html", entries=entries, asked=asked, kinds=[(kind, kind) for kind in KINDS],
        more=urlencode(filters), sections=PATHS, page_of=lambda row: page_of(PATHS[row["type"]], row["document_id"]),
    )  # fmt: skip


@router.get("/verified")
async def verified(request: Request, deps: Deps, who: Who) -> Response:
    """Whether the chains hold; every line is read, so the page asks for it by a button."""
    return render(request, "audit_verified.html", verification=await audit.verify(deps, who, Noted()))
