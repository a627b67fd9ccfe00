"""`/people`: who can be told, by which ways for which severity, and the teams they are in."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.dependencies import Deps, Who
from api.documents.forecast import warnings
from api.pages.screens.silences_screen import teams_for
from api.pages.surface import directory, outcome
from api.pages.surface.directory import DocumentDirectory
from api.pages.surface.form import Fields, checked
from api.pages.surface.layout import render
from api.routes.people import contacts
from api.routes.people.contacts import Method, SentBack
from streams.access import Permission, may
from streams.documents.oncall.person import PersonDocument
from streams.documents.oncall.team import TeamDocument
from streams.messages.command import Principal

router = APIRouter(prefix="/people", include_in_schema=False)


class PersonLine(NamedTuple):
    """A person with the teams that name them, the schedules in which they are on call now, and what is wrong.

    `confirms`: whether the reader may confirm how they are reached.
    """

    person: PersonDocument
    teams: list[str]
    on_call: list[str]
    warnings: list[str]
    confirms: bool


@router.get("")
async def listed(request: Request, deps: Deps, who: Who) -> Response:
    """The people and teams that you may see."""
    known = await directory.directory(deps, who)
    lines = await run_in_threadpool(_lines, known, who, deps.now())
    teams = known.all(TeamDocument)
    return render(request, "people.html", lines=lines, teams=teams, may_write=teams_for(who, "person"))


def _lines(known: DocumentDirectory, who: Principal, now: int) -> list[PersonLine]:
    """Everybody; beside the event loop, since each is asked of every team and schedule."""
    teams: dict[str, list[str]] = {}
    for team in known.all(TeamDocument):
        for member in team.members:
            teams.setdefault(member, []).append(team.name)
    duty: dict[str, list[str]] = {}
    for each in known.schedules():
        duty.setdefault(each.on_call(now).person, []).append(each.schedule.name)
    return [
        PersonLine(
            person,
            teams.get(person.name, []),
            duty.get(person.name, []),
            [warned.says for warned in warnings([person], known.known, now)],
            _confirms(who, person),
        )
        for person in known.all(PersonDocument)
    ]


def _confirms(who: Principal, person: PersonDocument) -> bool:
    """Whether a form is worth showing: to the person, and to whoever administers the team."""
    own = bool(person.login) and person.login == who.name
    return own or may(who, Permission.CONFIRM_CONTACT, person.team) is None


@router.post("/{document_id}/send-code")
async def send_code(deps: Deps, who: Who, document_id: str, fields: Fields) -> Response:
    """Send a code to a person by one of their methods."""
    method = checked(Method, {"method": fields.get("method", "")})
    answer = await contacts.send_code(deps, who, document_id, None, method)
    return outcome.went_on(answer, "/people", "A code is on its way: enter it here when it has come.")


@router.post("/{document_id}/confirm")
async def confirm(deps: Deps, who: Who, document_id: str, fields: Fields) -> Response:
    """Send a code back: the method by which it came counts from now on."""
    back = checked(SentBack, {"method": fields.get("method", ""), "code": fields.get("code", "")})
    answer = await contacts.confirm(deps, who, document_id, None, back)
    return outcome.went_on(answer, "/people", "It is confirmed: this way counts from now on.")
