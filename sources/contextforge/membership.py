"""Who belongs to a gateway's team: one row of its list of members, in our words."""

from __future__ import annotations

from typing import Any, NamedTuple


class Membership(NamedTuple):
    """A user of a team, by the address that names them. `active`: nobody has switched them off."""

    email: str
    lead: bool
    active: bool


def read(row: dict[str, Any]) -> Membership:
    """The membership in one row of GET /v1/teams/{id}/members."""
    active = row.get("is_active", True) is not False
    return Membership(str(row["user_email"]).strip().lower(), row.get("role") == "owner", active)
