"""Who may see and do what: administrators everything, everybody else what belongs to their teams. Default-deny."""

from __future__ import annotations

from fastapi import HTTPException

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


def require_admin(principal: Principal) -> None:
    """403 with the reason unless the principal is an administrator."""
    if not principal.admin:
        raise HTTPException(403, f"{principal.name} is not an administrator")
