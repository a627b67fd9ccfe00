"""`/tokens`: tokens and sessions that are good, a form for a new token, which is shown once, and their end."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import Deps, Signed, Who
from api.pages.surface import outcome
from api.pages.surface.fill.form_field import several
from api.pages.surface.form import Fields, checked
from api.pages.surface.layout import render
from api.routes.people import tokens
from api.routes.people.tokens import TokenWish
from streams.access import USUAL, TeamRole

router = APIRouter(prefix="/tokens", include_in_schema=False)


@router.get("")
async def listed(request: Request, deps: Deps, who: Who, signed: Signed) -> Response:
    """Yours; an administrator's has everybody's."""
    good = await tokens.listed(deps, who, signed)
    return render(
        request,
        "tokens.html",
        tokens=good["items"],
        roles=[(role.value, role.value) for role in TeamRole],
        usual=USUAL.value,
    )


@router.post("")
async def issue(request: Request, deps: Deps, who: Who, signed: Signed, fields: Fields) -> Response:
    """Make one of the form, and show it this once."""
    named = {name: fields[name] for name in ("name", "role", "lasts") if name in fields}
    wish = checked(
        TokenWish, named | {"teams": several(fields.get("teams", "")), "is_admin": "is_admin" in fields}
    )
    answer = await tokens.issue(deps, who, signed, wish)
    return render(request, "token.html", token=outcome.body_of(answer))


@router.post("/{token_id}/revoke")
async def revoke(deps: Deps, who: Who, token_id: str) -> Response:
    """End it at once."""
    await tokens.revoke(deps, who, token_id)
    return outcome.to("/tokens", "It is good no more.")
