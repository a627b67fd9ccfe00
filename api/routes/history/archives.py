"""`/v1/archives`: the months that are archived, and what one of them holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from api.commands.answer import found
from api.dependencies import Dependencies, Deps, Who
from api.queries.history import archives as reading
from streams.access import readable_teams
from streams.archive import FOLDER, MONTH, Kind
from streams.errors import Refused

router = APIRouter(prefix="/v1/archives", tags=["history"])


class MonthQuestion(BaseModel):
    """Which rows of a month. `after`: as `next` of the answer before says."""

    model_config = ConfigDict(extra="forbid", str_max_length=500)
    kind: Kind = Kind.ALERTS
    q: str = ""
    alert: str = ""
    after: int = Field(default=0, ge=0, le=1 << 53)
    limit: int = Field(default=50, ge=1, le=500)


@router.get("")
async def listed(deps: Deps) -> dict[str, Any]:
    """The months that are archived, the newest first; `waiting`: alerts that are old enough and still to be moved."""
    months = await run_in_threadpool(reading.months, _folder(deps))
    after = deps.settings.archive_after
    waiting = await deps.database.read(lambda c: reading.waiting(c, deps.now() - after)) if after else 0
    return {
        "items": months,
        "waiting": waiting,
        "after_seconds": after // 1000,
        "keep_seconds": deps.settings.archive_keep // 1000,
    }


@router.get("/{month}")
async def one(deps: Deps, who: Who, month: str, asked: Annotated[MonthQuestion, Query()]) -> dict[str, Any]:
    """What a month of the archive holds of your teams: alerts as they were at last, or what happened to them."""
    if not MONTH.fullmatch(month):
        raise Refused(f"{month!r:.20} is no month: write for instance 2026-09")
    wanted = reading.MonthRows(readable_teams(who), asked.q, asked.alert, asked.after, asked.limit)
    rows = await run_in_threadpool(reading.rows, _folder(deps), asked.kind, month, wanted)
    items, following = found(rows, f"archive of {asked.kind} of {month}")
    return {"items": items, "next": following}


def _folder(deps: Dependencies) -> Path:
    return Path(deps.settings.data) / FOLDER
