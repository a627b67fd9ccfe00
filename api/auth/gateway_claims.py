"""What a token of a ContextForge gateway says of itself, and whom it names by what the gateway says of it. Pure.

Nothing here proves anything: the gateway does, by answering a question that came with the token.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import jwt

from streams.access import TeamRole
from streams.canary.names import is_canary
from streams.codes import RefusalCode
from streams.documents.document import PLATFORM, TEAM
from streams.errors import Refused
from streams.messages.command import Principal

LONGEST = 8_192  # characters of a token
NAMED = 200  # characters of a person's name
ANY = "*"
SCOPED = (
    "the gateway's token is made for less than all that its user may do: sign in with one that has no scopes"
)


class GatewayClaims(NamedTuple):
    """What a token says. `expires`: seconds since 1970; `teams`: to which ids it is limited, None: to none."""

    expires: int
    teams: frozenset[str] | None


class GatewayTeams(NamedTuple):
    """Which teams of a gateway count here (`*`: all), and what their members may do."""

    names: Collection[str]
    role: TeamRole

    def counts(self, slug: str) -> bool:
        """Whether a team of that name is one here; never one of ours, which anybody could make in a gateway."""
        ours = slug == PLATFORM or is_canary(slug)
        return not ours and TEAM.fullmatch(slug) is not None and (ANY in self.names or slug in self.names)


def claims(token: str, now: int) -> GatewayClaims:
    """What a token says; Refused where no gateway could have made it. `now`: seconds since 1970."""
    if len(token) > LONGEST:
        raise _refused("the token is longer than any of ours")
    try:
        told: Mapping[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise _refused("the token is not one of ours") from None
    expires, scopes = told.get("exp"), told.get("scopes")
    if type(expires) is not int or expires <= now:
        raise _refused("the gateway's token has expired, or never would: make a new one there")
    if isinstance(scopes, dict) and (
        scopes.get("server_id") or scopes.get("permissions") not in (None, [], [ANY])
    ):
        raise _refused(SCOPED)
    return GatewayClaims(expires, _limited(told))


def _limited(told: Mapping[str, Any]) -> frozenset[str] | None:
    """A session's teams are those of its user; any other token has what stands in it, and without a word none."""
    if told.get("token_use") == "session" or ("teams" in told and told["teams"] is None):
        return None
    teams = told.get("teams")
    return frozenset(str(team) for team in teams) if isinstance(teams, list) else frozenset()


def principal(
    claims_: GatewayClaims, me: Mapping[str, Any], teams: Mapping[str, str], wanted: GatewayTeams
) -> Principal:
    """Whom the token names here. `me`, `teams` (slugs by id): as the gateway has answered to it."""
    name = str(me.get("email") or "").strip().lower()
    if not (name and name.isprintable() and len(name) <= NAMED) or me.get("is_active") is False:
        raise _refused("the gateway names no active user for this token")
    seen = {slug for id_, slug in teams.items() if claims_.teams is None or id_ in claims_.teams}
    mine = tuple(sorted(slug for slug in seen if wanted.counts(slug)))
    admin = me.get("is_admin") is True and claims_.teams is None
    return Principal(name=name, admin=admin, teams=mine, roles=dict.fromkeys(mine, wanted.role))


def _refused(words: str) -> Refused:
    return Refused(words, RefusalCode.NOT_SIGNED_IN)
