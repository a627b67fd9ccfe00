"""Bearer tokens of a stand-alone installation: our own JSON Web Tokens, HS256 (RFC 7519)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import uuid4

import jwt
import msgspec

from streams.access import TeamRole
from streams.errors import Misconfigured, Refused
from streams.messages.command import Principal

ISSUER = "tocsin"
API, PAGE = "tocsin", "tocsin-page"  # audiences: what a token may be used for
REQUIRED = ["sub", "exp", "aud", "iss", "jti"]


class Session(NamedTuple):
    """Whom a token names, its own id and when it ends (seconds since 1970, UTC)."""

    principal: Principal
    id: str
    expires: int


class Tokens:
    """Issues with the first key and accepts any of them, so that keys can be rotated."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys`: newest first, of 32 bytes or more (RFC 7518, section 3.2)."""
        if not keys or any(len(key.encode()) < 32 for key in keys):
            raise Misconfigured(
                "TOCSIN_TOKEN_KEY: the key must have 32 bytes or more; leave it empty to have one made"
            )
        self._keys = list(keys)

    def issue(self, principal: Principal, now: int, lives: int, audience: str = API) -> str:
        """A token for `lives` seconds from `now` (seconds since 1970)."""
        return self.issued(Session(principal, str(uuid4()), now + lives), now, audience)

    def issued(self, session: Session, now: int, audience: str = API) -> str:
        """The token of a session that begins `now` (seconds since 1970)."""
        principal = session.principal
        claims: dict[str, Any] = {
            "sub": principal.name,
            "email": principal.name,
            "is_admin": principal.admin,
            "teams": principal.teams,
            "roles": principal.roles,
            "iat": now,
            "exp": session.expires,
            "jti": session.id,
            "aud": audience,
            "iss": ISSUER,
        }
        return jwt.encode(claims, self._keys[0], "HS256")

    def read(self, token: str, audience: str = API) -> Session:
        """Whom the token names; Refused says why it is not accepted, without a word of its content."""
        claims = self._claims(token, audience)
        teams, admin = claims.get("teams") or [], claims.get("is_admin", False)
        if not isinstance(admin, bool) or not (
            isinstance(teams, list) and all(isinstance(t, str) for t in teams)
        ):
            raise Refused("the token's `is_admin` must be true or false and its `teams` a list of names")
        name = str(claims.get("email") or claims["sub"])
        principal = Principal(
            name=name, admin=admin, teams=tuple(teams), roles=_roles(claims.get("roles") or {})
        )
        return Session(principal, str(claims["jti"]), int(claims["exp"]))

    def _claims(self, token: str, audience: str) -> dict[str, Any]:
        reason = "the token is not one of ours"
        for key in self._keys:
            try:
                options: Any = {"require": REQUIRED}
                return dict(jwt.decode(token, key, ["HS256"], options, audience=audience, issuer=ISSUER))
            except jwt.ExpiredSignatureError:
                reason = "the token has expired: make a new one with `tocsin token`"
            except jwt.MissingRequiredClaimError as why:
                reason = f"the token lacks the claim `{why.claim}`"
            except jwt.InvalidTokenError:
                continue
        raise Refused(reason)

    def csrf(self, session: str) -> str:
        """The value that a page must send with its writes; bound to the session's id, unknown to other origins."""
        return hmac.new(self._keys[0].encode(), f"csrf:{session}".encode(), hashlib.sha256).hexdigest()


def is_ours(token: str) -> bool:
    """Whether a token says that we have made it; that proves nothing."""
    try:
        return bool(jwt.decode(token, options={"verify_signature": False}).get("iss") == ISSUER)
    except jwt.InvalidTokenError:
        return False


def _roles(claim: Any) -> dict[str, TeamRole]:
    """What a token says of each team; a role that we do not know is none that we could let in."""
    try:
        return msgspec.convert(claim, dict[str, TeamRole])
    except msgspec.ValidationError:
        raise Refused(f"the token's `roles` must name for each team one of {', '.join(TeamRole)}") from None
