"""`/v1/session`: the one-time code becomes a cookie; who is signed in; signing out."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from api.auth.guard import cookie_name
from api.auth.token import PAGE, Session
from api.dependencies import Deps, Signed
from api.instant import spell
from streams.access import role
from streams.codes import RefusalCode
from streams.errors import Refused

LIVES = 12 * 3600  # seconds
router = APIRouter(prefix="/v1/session", tags=["session"])


class Invitation(BaseModel):
    """The code in a sign-in link's fragment."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(max_length=200)


@router.post("", status_code=204)
async def sign_in(deps: Deps, request: Request, response: Response, given: Invitation) -> None:
    """Exchange the code of a sign-in link, once, for a session cookie that scripts cannot read."""
    now = deps.now() // 1000
    principal = await run_in_threadpool(deps.signin.redeem, given.code, now)
    if principal is None:
        words = "the code is wrong, used or older than ten minutes: get a new one with `tocsin sign-in`"
        raise Refused(words, RefusalCode.NOT_PERMITTED)
    begun = Session(principal, str(uuid4()), now + LIVES)
    await run_in_threadpool(deps.issued.add, begun, "session", now)
    response.set_cookie(
        cookie_name(request.url.scheme),
        deps.tokens.issued(begun, now, PAGE),
        max_age=LIVES,
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
    await run_in_threadpool(deps.revocations.add, signed.id, signed.expires, deps.now() // 1000)
    scheme = request.url.scheme
    response.delete_cookie(cookie_name(scheme), secure=scheme == "https", httponly=True, samesite="strict")
