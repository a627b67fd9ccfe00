"""`tocsin oncall override|swap|calendar`: somebody stands in, two people swap, a calendar program reads it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli import times
from api.cli.context import surroundings
from api.cli.printable import printable
from api.cli.talk import Talk
from streams.calendar.zone import zone
from streams.documents.document import PLATFORM
from streams.errors import Refused

Schedule = Annotated[str, typer.Argument(help="The schedule, or TEAM/NAME.")]
First = Annotated[str, typer.Option("--from", help="By the schedule's clocks, or an instant; left out: now.")]
Last = Annotated[str, typer.Option("--to", help="The same; excluded.")]
Reason = Annotated[str, typer.Option(help="Why.")]


def override(
    context: typer.Context,
    schedule: Schedule,
    person: Annotated[str, typer.Argument(help="Who is on call.")],
    last: Last,
    first: First = "",
    instead_of: Annotated[str, typer.Option(help="Only while that person would be.")] = "",
    reason: Reason = "",
) -> None:
    """Put somebody on call for a while; a responder may, without a right on the schedule."""
    who = {"person": person} | ({"instead_of": instead_of} if instead_of else {})
    _put(context, schedule, who, first, last, reason)


def swap(
    context: typer.Context,
    schedule: Schedule,
    one: Annotated[str, typer.Argument(help="Who swaps …")],
    other: Annotated[str, typer.Argument(help="… with whom.")],
    last: Last,
    first: First = "",
    reason: Reason = "",
) -> None:
    """Let two people take each other's shifts for a while."""
    _put(context, schedule, {"between": [one, other]}, first, last, reason)


def calendar(
    context: typer.Context,
    shows: Annotated[str, typer.Argument(help="schedule/NAME or user/NAME.")],
    name: Annotated[
        str, typer.Option(help="By which it is revoked; left out: made from what it shows.")
    ] = "",
    team: Annotated[str, typer.Option(help="Whose it is.")] = PLATFORM,
    revoke: Annotated[bool, typer.Option("--revoke", help="End the address of that name.")] = False,
) -> None:
    """Make a secret address at which a calendar program reads who is on call; it is shown once."""
    around = surroundings(context)
    talk, called = around.talk(), name or shows.replace("/", "-")
    if revoke:
        calendars = talk.ask("GET", "/v1/calendars", params={"name": called, "team": team})["items"]
        if not calendars:
            raise Refused(f"there is no calendar {called} of {team}")
        talk.settle("DELETE", f"/v1/calendars/{calendars[0]['id']}")
        around.say(printable(f"calendar {called} of {team} is revoked"))
        return
    made = talk.settle("POST", "/v1/calendars/feeds", json={"name": called, "shows": shows, "team": team})
    if "url" not in made:
        raise Refused("nobody could be told the address: revoke it, and make it again")
    public = bool(around.settings.public_url)
    around.say(printable(made["url"] if public else f"{talk.address}{made['path']}"))
    around.say("who has this address sees who is on call; it is shown this once")


def _put(
    context: typer.Context, schedule: str, who: dict[str, Any], first: str, last: str, reason: str
) -> None:
    around = surroundings(context)
    talk = around.talk()
    known = named(talk, schedule)
    place = zone(known["time_zone"])
    begins = times.local_or_instant(first, "from", place) if first else times.now()
    ends = times.local_or_instant(last, "to", place)
    people = "-".join(who.get("between") or [who["person"]])
    body = {
        "name": f"{known['name']}-{people}-{begins // 1000}", "team": known["team"], "schedule": known["name"],
        "starts": times.spell(begins), "ends": times.spell(ends), "reason": reason, **who,
    }  # fmt: skip
    made = talk.settle("POST", "/v1/overrides", json=body)
    if "name" not in made:
        around.say(printable(f"{made['status']}: {made.get('reason', '')}"))
        return
    around.say(
        printable(f"override {made['name']} of {made['team']}, from {made['starts']} to {made['ends']}")
    )


def named(talk: Talk, schedule: str) -> dict[str, Any]:
    """The schedule of a name, or of `team/name`; Refused where there is none, or more than one."""
    team, _, name = schedule.rpartition("/")
    schedules = talk.ask("GET", "/v1/schedules", params={"name": name} | ({"team": team} if team else {}))[
        "items"
    ]
    if not schedules:
        raise Refused(f"there is no schedule {schedule!r:.60} that you may see")
    if len(schedules) > 1:
        raise Refused(f"{name} is the name of several schedules: write {schedules[0]['team']}/{name}")
    return dict(schedules[0])
