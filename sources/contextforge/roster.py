"""A gateway's teams and their members in, persons and teams as documents out.

A gateway knows people by their e-mail alone: no telephone, no time zone, nobody on call. So each is reached by e-mail
once they have sent back a code, and signs in by that address. They belong to `platform`: one may be of several teams.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sources.contextforge.membership import Membership
from streams.documents.document import PLATFORM, TEAM

MOST = 100  # members of a team document
LEADS = 20
_OTHER = re.compile(r"[^a-z0-9._-]+")


def roster(
    teams: Mapping[str, str], members: Mapping[str, Sequence[Membership]]
) -> dict[str, list[dict[str, Any]]]:
    """The sections `people` and `teams` of a file. `teams`: slugs by id; `members`: by the same ids."""
    active = {
        id: [member for member in members.get(id, ()) if member.active and "@" in member.email]
        for id in teams
    }
    names = _names(sorted({member.email for some in active.values() for member in some}))
    known = [_team(slug, active[id], names) for id, slug in sorted(teams.items(), key=lambda team: team[1])]
    return {
        "people": [_person(name, email) for email, name in sorted(names.items(), key=lambda named: named[1])],
        "teams": [team for team in known if team is not None],
    }


def _names(emails: Sequence[str]) -> dict[str, str]:
    """A name for each address: what stands before the @ where that is one person's, else the whole address."""
    short = {email: _name(email.partition("@")[0]) for email in emails}
    many = list(short.values())
    return {email: name if many.count(name) == 1 else _name(email) for email, name in short.items()}


def _name(text: str) -> str:
    return _OTHER.sub("-", text.lower()).strip("-._")[:100] or "nameless"


def _person(name: str, email: str) -> dict[str, Any]:
    contact = [{"channel": "email"}]
    return {"name": name, "team": PLATFORM, "email": email, "login": email, "contact": contact}


def _team(slug: str, members: Sequence[Membership], names: Mapping[str, str]) -> dict[str, Any] | None:
    """A team that owns the document about itself; None where nobody is active in it, or it cannot be one of ours."""
    name = _name(slug)
    if not members or not TEAM.fullmatch(name):
        return None
    leads = sorted(names[member.email] for member in members if member.lead)[:LEADS]
    people = sorted({names[member.email] for member in members})[:MOST]
    return {"name": name, "team": name, "members": people} | ({"leads": leads} if leads else {})
