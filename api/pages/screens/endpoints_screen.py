"""`/endpoints`: where notifications go, each with a test whose answer is the receiver's own."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import Deps, Who
from api.pages.surface import outcome
from api.pages.surface.layout import render
from api.routes import documents, endpoint_trial

router = APIRouter(prefix="/endpoints", include_in_schema=False)
BESIDES = frozenset(
    {"id", "type", "name", "team", "description", "file", "revision", "updated_at", "updated_by", "channel"}
)


@router.get("")
async def listed(request: Request, deps: Deps, who: Who) -> Response:
    """The endpoints that you may see; secrets are masked."""
    items = outcome.body_of(await documents.listed(deps, who, "endpoints"))["items"]
    for item in items:
        item["fields"] = {name: value for name, value in item.items() if name not in BESIDES and value}
    return render(request, "endpoints.html", endpoints=items)


@router.post("/{document_id}/test")
async def test(request: Request, deps: Deps, who: Who, document_id: str) -> Response:
    """Send a test the whole way, and show what its receiver answered."""
    trial = await endpoint_trial.try_endpoint(deps, who, document_id, None)
    shown = outcome.body_of(trial) if isinstance(trial, Response) else trial
    return render(request, "tested.html", outcome=shown)
