"""`/v1/session`: the one-time code becomes a cookie; who is signed in; signing out."""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from api.auth.gateway_tokens import OF_PAGE, PREFIX
from api.auth.guard import cookie_name
from api.auth.token import PAGE, Session
from api.dependencies import Deps, Signed
from api.instant import spell
from streams.access import role
from streams.codes import RefusalCode
from streams.errors import Refused

LIVES = 12 * 3600  # seconds
OF_GATEWAY = 3600  # seconds of a page's session by a gateway's token, which may be ended there meanwhile
router = APIRouter(prefix="/v1/session", tags=["session"])


class Invitation(BaseModel):
    """The code in a sign-in link's fragment; none where the request bears a token."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(default="", max_length=200)


@router.post("", status_code=204)
async def sign_in(deps: Deps, request: Request, response: Response, given: Invitation) -> None:
    """Exchange the code of a sign-in link, once, or the token of the request, for a cookie that scripts cannot read."""
    now, bearing = deps.now() // 1000, cast(Session | None, request.state.session)
    foreign = bearing is not None and bearing.id.startswith(PREFIX)
    principal = (
        await run_in_threadpool(deps.signin.redeem, given.code, now) if bearing is None else bearing.principal
    )
    if principal is None:
        words = "the code is wrong, used or older than ten minutes: get a new one with `tocsin sign-in`"
        raise Refused(words, RefusalCode.NOT_PERMITTED)
    lives = LIVES if bearing is None else OF_GATEWAY if foreign else min(LIVES, bearing.expires - now)
    begun = Session(principal, f"{OF_PAGE if foreign else ''}{uuid4()}", now + lives)
    await run_in_threadpool(deps.issued.add, begun, "session", now)
    response.set_cookie(
        cookie_name(request.url.scheme),
        deps.tokens.issued(begun, now, PAGE),
        max_age=lives,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


@router.get("")
async def session(deps: Deps, signed: Signed) -> dict[str, Any]:
    """Who asks, until when, and the proof that the page's writes must carry as X-CSRF-Token."""
    who = signed.principal
    return {
        "name": who.name,
        "is_admin": who.admin,
        "teams": who.teams,
        "roles": {team: role(who, team) for team in who.teams},
        "expires_at": spell(signed.expires * 1000),
        "csrf_token": deps.tokens.csrf(signed.id),
    }


@router.delete("", status_code=204)
async def sign_out(deps: Deps, signed: Signed, request: Request, response: Response) -> None:
    """End the session, or revoke the token that asks: whoever has a copy of it gets no further."""
    if signed.id.startswith(PREFIX) and not signed.id.startswith(OF_PAGE):
        raise Refused("the token is the gateway's: revoke it there", RefusalCode.NOT_PERMITTED)
    await run_in_threadpool(deps.revocations.add, signed.id, signed.expires, deps.now() // 1000)
    scheme = request.url.scheme
    response.delete_cookie(cookie_name(scheme), secure=scheme == "https", httponly=True, samesite="strict")
