"""Who may see and do what: administrators everything, everybody else what belongs to their teams. Default-deny."""

from __future__ import annotations

from fastapi import HTTPException

from streams.document import Owned
from streams.endpoint import Endpoint
from streams.said import Principal


def may(principal: Principal, team: str) -> bool:
    """Whether the principal may see and change what belongs to the team."""
    return principal.admin or team in principal.teams


def visible(principal: Principal) -> list[str] | None:
    """The teams whose things are shown; None: of all teams."""
    return None if principal.admin else list(principal.teams)


def require(principal: Principal, team: str) -> None:
    """403 with the reason unless the principal may act for the team."""
    if not may(principal, team):
        raise HTTPException(
            403, f"{principal.name} is not in team {team!r}: a member or an administrator may do this"
        )


def require_reach(principal: Principal, document: Owned) -> None:
    """403 with the reason where an endpoint may call private addresses and no administrator asks for it.

    It would let a member reach through us what only this machine's network can; whatever is changed of such an
    endpoint, its address above all, is therefore an administrator's as well.
    """
    if isinstance(document, Endpoint) and document.allow_private and not principal.admin:
        raise HTTPException(
            403, f"endpoint {document.name}: only an administrator may put one with `allow_private: true`"
        )
