"""`/v1/tokens`: which tokens and sessions are good, a new token, and the end of one; one's own, or anybody's.

A token is shown once, when it is made; what is remembered is to whom it was issued, and until when.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from api.auth.gateway_tokens import PREFIX
from api.auth.issued_tokens import IssuedToken
from api.auth.token import Session
from api.commands.answer import found
from api.dependencies import Dependencies, Deps, Signed, Who
from api.instant import length, spell
from streams.access import USUAL, TeamRole, may_grant
from streams.codes import RefusalCode
from streams.documents.document import TEAM
from streams.errors import Refused
from streams.messages.command import Principal

router = APIRouter(prefix="/v1/tokens", tags=["session"])
DAY = 86_400  # seconds
SHORTEST, LONGEST = 60, 3_650 * DAY  # seconds that one is good
LONGEST_OWN = 90 * DAY  # seconds, of one that no administrator makes
TeamName = Annotated[str, Field(max_length=100)]


class TokenWish(BaseModel):
    """Whom the token names (you, where nothing is said), in which teams, as what, and for how long it is good."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(default="", max_length=200)
    teams: list[TeamName] = Field(default_factory=list, max_length=100)
    role: TeamRole = USUAL
    is_admin: StrictBool = False
    lasts: str = Field(default="30d", max_length=20)


@router.get("")
async def listed(deps: Deps, who: Who, signed: Signed) -> dict[str, Any]:
    """What is good of yours, the newest first; administrators see everybody's. `current`: what asks now."""
    good = [token for token in await _good(deps) if who.admin or token.name == who.name]
    return {"items": [_shown(token) | {"current": token.id == signed.id} for token in reversed(good)]}


@router.post("", status_code=201)
async def issue(deps: Deps, who: Who, signed: Signed, wish: TokenWish) -> JSONResponse:
    """Make a token; `token` is shown this once. Nobody gives more than they have, and only administrators to others."""
    if signed.id.startswith(PREFIX):
        words = "a token of the gateway, which may end there, makes none here: sign in by a link"
        raise Refused(words, RefusalCode.NOT_PERMITTED)
    now = deps.now() // 1000
    principal, lives = _principal(who, wish), _lives(who, wish.lasts)
    session = Session(principal, str(uuid4()), now + lives)
    await run_in_threadpool(deps.issued.add, session, "token", now)
    made = IssuedToken(
        session.id, "token", principal.name, principal.admin, principal.teams, now, session.expires
    )
    answer = _shown(made) | {"token": deps.tokens.issued(session, now)}
    return JSONResponse(answer, 201, {"Cache-Control": "no-store"})


@router.delete("/{token_id}", status_code=204)
async def revoke(deps: Deps, who: Who, token_id: Annotated[str, Path(max_length=100)]) -> Response:
    """End one at once, in every process; what is not yours is not there."""
    good = [token for token in await _good(deps) if who.admin or token.name == who.name]
    token = found(next((issued for issued in good if issued.id == token_id), None), f"token {token_id}")
    await run_in_threadpool(deps.revocations.add, token.id, token.expires, deps.now() // 1000)
    return Response(status_code=204)


def _principal(who: Principal, wish: TokenWish) -> Principal:
    name, teams = wish.name.strip() or who.name, tuple(dict.fromkeys(wish.teams))
    if odd := [team for team in teams if not TEAM.fullmatch(team)]:
        raise Refused(f"`teams`: {odd[0]!r:.60} is no team: lower-case letters, digits, `.`, `_` and `-`")
    if not (teams or wish.is_admin):
        raise Refused("`teams` is empty: name at least one, or the token may see nothing")
    roles = dict.fromkeys(teams, wish.role)
    if refusal := may_grant(who, name, wish.is_admin, roles):
        raise Refused(refusal.says, refusal.code)
    return Principal(name=name, admin=wish.is_admin, teams=teams, roles={} if wish.role is USUAL else roles)


def _lives(who: Principal, lasts: str) -> int:
    """Seconds that it is good."""
    lives = length(lasts, "lasts") // 1000
    most = LONGEST if who.admin else LONGEST_OWN
    if not SHORTEST <= lives <= most:
        raise Refused(f"`lasts`: {lasts:.20} must lie between 1m and {most // DAY}d")
    return lives


async def _good(deps: Dependencies) -> list[IssuedToken]:
    known = await run_in_threadpool(deps.issued.all, deps.now() // 1000)
    return [token for token in known if not deps.revocations.holds(token.id)]


def _shown(token: IssuedToken) -> dict[str, Any]:
    return {
        "id": token.id, "kind": token.kind, "name": token.name, "is_admin": token.admin, "teams": list(token.teams),
        "issued_at": spell(token.issued * 1000), "expires_at": spell(token.expires * 1000),
    }  # fmt: skip
