"""`/v1/oncall`, `/v1/schedules/{id}/segments`: who is on call now, and shift by shift."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api import instant
from api.commands import document_commands
from api.commands.answer import found
from api.dependencies import Dependencies, Deps, Who
from api.queries import documents as reading
from api.trials.oncall_trial import NamedSchedule
from streams.access import readable_teams
from streams.documents.oncall.override import OnCallOverride
from streams.documents.oncall.schedule import OnCallSchedule, Segment
from streams.messages.command import Principal

AHEAD = 14 * 86_400_000  # ms that shifts are listed where it is not said how long
Text = Annotated[str, Query(max_length=200)]
router = APIRouter(tags=["people"])


class ShiftPeriod(BaseModel):
    """From when until before when shifts are listed; left out: from now on, two weeks."""

    model_config = ConfigDict(extra="forbid")
    first: str = Field(default="", alias="from", max_length=100)
    last: str = Field(default="", alias="to", max_length=100)

    def instants(self, now: int) -> tuple[int, int]:
        """The same as instants, ms UTC; Refused names the field."""
        first = instant.read(self.first, "from") if self.first else now
        return first, instant.read(self.last, "to") if self.last else first + AHEAD


@router.get("/v1/oncall")
async def now(deps: Deps, who: Who, at: Text = "", team: Text = "") -> dict[str, Any]:
    """Who is on call by each schedule that you may see, until when, and who is next."""
    when = instant.read(at, "at") if at else deps.now()
    known = await _schedules(deps, who, team)
    items = await run_in_threadpool(lambda: [_standing(each, when) for each in known])
    return {"at": instant.spell(when), "items": items}


@router.get("/v1/schedules/{document_id}/segments")
async def segments(
    deps: Deps, who: Who, document_id: str, period: Annotated[ShiftPeriod, Query()]
) -> dict[str, Any]:
    """The final schedule, shift by shift, with what stands beside it, and the spans in which nobody is on call."""
    row = found(
        await document_commands.row(deps, who, OnCallSchedule.type, document_id), f"schedule {document_id}"
    )
    schedule = row.document()
    assert isinstance(schedule, OnCallSchedule)
    beside = await deps.database.read(lambda c: _overrides(c, readable_teams(who), row.team))
    known = NamedSchedule(schedule, beside)
    listed = await run_in_threadpool(known.segments, *period.instants(deps.now()))
    return {
        "segments": [
            _span(each) | holder(each.person, each.source, each.override) for each in listed if each.person
        ],
        "gaps": [_span(each) for each in listed if not each.person],
    }


async def _schedules(deps: Dependencies, who: Principal, team: str) -> list[NamedSchedule]:
    """The schedules that somebody may see, each with what stands beside it."""
    teams = readable_teams(who)

    def read(connection: Connection) -> list[NamedSchedule]:
        rows = reading.readable(reading.all_of(connection, OnCallSchedule.type, teams, team))
        beside = _overrides(connection, teams, team)
        return [NamedSchedule(each, beside) for each in rows if isinstance(each, OnCallSchedule)]

    return await deps.database.read(read)


def _overrides(connection: Connection, teams: list[str] | None, team: str) -> tuple[OnCallOverride, ...]:
    documents = reading.readable(reading.all_of(connection, OnCallOverride.type, teams, team))
    return tuple(each for each in documents if isinstance(each, OnCallOverride))


def _standing(known: NamedSchedule, at: int) -> dict[str, Any]:
    schedule = known.schedule
    shift = known.on_call(at)
    spans = schedule.segments(at, at + AHEAD, known.beside)
    following = spans[1] if len(spans) > 1 else None
    return {
        "schedule": schedule.name,
        "team": schedule.team,
        "id": schedule.id,
        "time_zone": schedule.time_zone,
        **holder(shift.person, shift.source, shift.override),
        "until": instant.spell(spans[0].ends),
        "next": following
        and (_span(following) | holder(following.person, following.source, following.override)),
    }


def holder(person: str, source: str, override: bool) -> dict[str, Any]:
    """Who has a shift, by which layer or override; null where nobody has."""
    by = {"override" if override else "layer": source} if person else {}
    return {"person": person or None} | by


def _span(segment: Segment) -> dict[str, Any]:
    return {"from": instant.spell(segment.begins), "to": instant.spell(segment.ends)}
