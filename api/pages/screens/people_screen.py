"""`/people`: who can be told, by which ways for which severity, and the teams they are in."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from api.dependencies import Deps, Who
from api.documents.forecast import warnings
from api.pages.screens.silences_screen import teams_for
from api.pages.surface import directory
from api.pages.surface.layout import render
from streams.documents.oncall.person import PersonDocument
from streams.documents.oncall.schedule import OnCallSchedule
from streams.documents.oncall.team import TeamDocument

router = APIRouter(prefix="/people", include_in_schema=False)


class PersonLine(NamedTuple):
    """A person with the teams that name them, the schedules in which they are on call now, and what is wrong."""

    person: PersonDocument
    teams: list[str]
    on_call: list[str]
    warnings: list[str]


@router.get("")
async def listed(request: Request, deps: Deps, who: Who) -> Response:
    """The people and teams that you may see."""
    known, now = await directory.directory(deps, who), deps.now()
    teams, schedules = known.all(TeamDocument), known.all(OnCallSchedule)
    duty = {schedule.name: schedule.on_call(now).person for schedule in schedules}
    lines = [
        PersonLine(
            person,
            [team.name for team in teams if person.name in team.members],
            [name for name, on_call in duty.items() if on_call == person.name],
            [warned.says for warned in warnings([person], known.known, now)],
        )
        for person in known.all(PersonDocument)
    ]
    return render(request, "people.html", lines=lines, teams=teams, may_write=teams_for(who, "person"))
