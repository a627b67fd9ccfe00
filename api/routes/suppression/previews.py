"""`/v1/covered`, `/v1/maintenance/preview`: what would be quiet, by the code that keeps it quiet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api import instant
from api.commands import document_commands
from api.commands.answer import found
from api.dependencies import Dependencies, Deps, Who
from api.queries.states import coverable
from api.queries.states.coverable import Looked
from api.trials.coverage_trial import AlertState, CoveredStates, Covering, covered
from api.trials.window_trial import NamedWindow, active, occurrences
from streams.access import Permission, readable_teams, require
from streams.documents import coverage
from streams.documents.document import PLATFORM
from streams.documents.suppression.maintenance import Maintenance
from streams.errors import Refused
from streams.messages.command import Principal

DAY = 86_400_000  # ms
SHOWN = 50  # alerts that an answer names
router = APIRouter(tags=["silences"])


class Matchers(BaseModel):
    """What would be covered, and whose document it would be: `platform` reaches every team. `limit`: alerts shown."""

    model_config = ConfigDict(extra="forbid")
    covers: str = Field(max_length=2_000)
    team: str = Field(default=PLATFORM, max_length=200)
    limit: int = Field(default=SHOWN, ge=0, le=500)


class Ahead(BaseModel):
    """From when on, and how many times that a window is open."""

    model_config = ConfigDict(extra="forbid")
    first: str = Field(default="", alias="from", max_length=100)
    count: int = Field(default=5, ge=1, le=500)

    def begins(self, now: int) -> int:
        """The instant from which on it is looked, ms UTC."""
        return instant.read(self.first, "from") if self.first else now


@router.get("/v1/covered")
async def would_cover(deps: Deps, who: Who, asked: Annotated[Matchers, Query()]) -> dict[str, Any]:
    """Which alerts a silence or a window would cover now, and has in the last 24 hours, of those that you may see."""
    try:
        coverage.checked(asked.covers, whole=True)
    except Refused as why:
        raise Refused(f"`covers`: {why}") from None
    return shown(await look(deps, who, Covering(asked.covers, asked.team)), asked.limit)


@router.post("/v1/maintenance/preview")
async def window(
    deps: Deps, who: Who, ahead: Annotated[Ahead, Query()], body: Annotated[dict[str, Any], Body()]
) -> dict[str, Any]:
    """When a window would be open next, and which alerts it covers."""
    document = document_commands.readable(Maintenance.type, body)
    assert isinstance(document, Maintenance)
    require(who, Permission.READ, document.team)
    reached = await look(deps, who, Covering(document.covers, document.team))
    coming = await run_in_threadpool(times, document, ahead, deps.now())
    return coming | {"alerts": shown(reached, SHOWN)}


@router.get("/v1/maintenance/{document_id}/occurrences")
async def next_windows(
    deps: Deps, who: Who, document_id: str, ahead: Annotated[Ahead, Query()]
) -> dict[str, Any]:
    """When a window that exists is open next, and whether it is now."""
    row = await document_commands.row(deps, who, Maintenance.type, document_id)
    document = found(row, f"maintenance {document_id}").document()
    assert isinstance(document, Maintenance)
    return await run_in_threadpool(times, document, ahead, deps.now())


def times(document: Maintenance, ahead: Ahead, now: int) -> dict[str, Any]:
    """The next times that a window is open, and the one that is under way."""
    listed = occurrences([document], ahead.begins(now), None, ahead.count)
    return {
        "occurrences": [_time(each) for each in listed],
        "active": next((_time(each) for each in active([document], now)), None),
    }


def _time(window: NamedWindow) -> dict[str, Any]:
    return {"name": window.name, "starts": instant.spell(window.starts), "ends": instant.spell(window.ends)}


async def look(deps: Dependencies, who: Principal, covering: Covering) -> CoveredStates:
    """What matchers cover of the alerts that somebody may see."""
    return (await look_at(deps, who, [covering]))[0]


async def look_at(deps: Dependencies, who: Principal, several: Sequence[Covering]) -> list[CoveredStates]:
    """The same of several; beside the event loop, since there may be many alerts."""
    labels = frozenset(each.label for suppressor in several for each in coverage.compiled(suppressor.covers))
    looked, since = Looked(readable_teams(who), labels), deps.now() - DAY

    def covers(connection: Connection) -> list[CoveredStates]:
        now = coverable.open_now(connection, looked)
        day = coverable.earlier(connection, looked, since, now)
        return [covered(covering, now, day) for covering in several]

    return await deps.database.read(covers) if several else []


def shown(covered_states: CoveredStates, limit: int) -> dict[str, Any]:
    """How many alerts are covered now and within a day, of how many, and the first of them."""
    return {
        "items": [_alert(alert) for alert in covered_states.now[:limit]],
        "total": len(covered_states.now),
        "open": covered_states.open,
        "last_24h": {
            "count": len(covered_states.day),
            "of": covered_states.of_day,
            "items": [_alert(alert) for alert in covered_states.day[:limit]],
        },
        "says": covered_states.words,
        "warnings": list(covered_states.warnings),
    }


def _alert(alert: AlertState) -> dict[str, Any]:
    fields = ("id", "rule", "severity", "team", "gateway", "message")
    return {name: getattr(alert, name) for name in fields}
