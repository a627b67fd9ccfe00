"""`/overview`: where the reader is: what is open, who is on call, what is heard and what lags; the first steps."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from aiokafka.errors import KafkaError
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.dependencies import Dependencies, Deps, Who
from api.pages.surface import directory
from api.pages.surface.first_steps import first_steps
from api.pages.surface.layout import render
from api.pages.surface.oncall_view import views
from api.pages.surface.open_alerts import open_by
from api.pages.surface.reader_zone import reader_zone
from api.queries.page import SEVERITIES
from api.queries.states.first_told import first_told
from api.routes import coverage, health
from streams.access import readable_teams
from streams.messages.command import Principal

router = APIRouter(prefix="/overview", include_in_schema=False)


class StageLag(NamedTuple):
    """How far one stage or sink stands behind, over all partitions."""

    name: str
    behind: int
    late: bool


@router.get("")
async def look(request: Request, deps: Deps, who: Who) -> Response:
    """What can be read at once; what the broker has to be asked for comes after it."""
    groups = await open_by(deps, who, "team", "severity")
    known = await directory.directory(deps, who)
    on_call = await run_in_threadpool(views, known.schedules(), deps.now(), reader_zone(request))
    return render(
        request, "overview.html", teams=_by_team(groups), severities=SEVERITIES, on_call=on_call,
        total={severity: sum(g["alerts"] for g in groups if g["severity"] == severity) for severity in SEVERITIES},
    )  # fmt: skip


@router.get("/banner")
async def banner(request: Request, deps: Deps) -> Response:
    """What the system says of itself; empty where all is well."""
    return render(request, "banner.html", says=(await health.system(deps))["says"])


@router.get("/first-steps")
async def steps(request: Request, deps: Deps, who: Who) -> Response:
    """What a new installation still needs, up to the first alert that somebody is told of; empty where all is there."""
    heard, _ = await _heard(deps, who)
    known = await directory.directory(deps, who)
    told = await deps.database.read(lambda c: first_told(c, readable_teams(who)))
    return render(request, "first_steps.html", steps=first_steps(known, heard, told))


@router.get("/sources")
async def sources(request: Request, deps: Deps, who: Who) -> Response:
    """What is heard of each gateway, what is wrong with it, and how far the stages stand behind."""
    heard, trouble = await _heard(deps, who)
    readers = await _readers(deps)
    return render(request, "sources.html", heard=heard, trouble=trouble, readers=readers)


def _by_team(groups: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Team → severity → open alerts, the team with most of them first."""
    teams: dict[str, dict[str, int]] = {}
    for group in groups:
        teams.setdefault(group["team"], {})[group["severity"]] = group["alerts"]
    return dict(sorted(teams.items(), key=lambda item: (-sum(item[1].values()), item[0])))


async def _heard(deps: Dependencies, who: Principal) -> tuple[dict[str, Any] | None, str]:
    try:
        return await coverage.listed(deps, who), ""
    except (KafkaError, OSError) as why:
        return None, f"What is heard is not known now: the broker cannot be asked ({type(why).__name__})."


async def _readers(deps: Dependencies) -> list[StageLag]:
    """Each reader once, the furthest behind first."""
    known = orjson.loads((await health.lag(deps)).body)["readers"]
    names = dict.fromkeys(place["group"] for place in known)
    readers = [
        StageLag(
            name,
            sum(place["behind"] for place in known if place["group"] == name),
            any(place["late"] for place in known if place["group"] == name),
        )
        for name in names
    ]
    return sorted(readers, key=lambda reader: (-reader.behind, reader.name))
