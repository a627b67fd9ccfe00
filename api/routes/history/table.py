"""`/v1/history` and `/v1/history/report`: past alerts as a table, and as a file of all that the same filters show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from api.dependencies import Dependencies, Deps, Who
from api.instant import spell
from api.queries import cursor as cursors
from api.queries.cursor import Cursor
from api.queries.history import metrics
from api.queries.history import table as reading
from api.queries.history.period import local
from api.queries.history.selection import Selection
from api.reports import table_text
from api.reports.cells import cells, in_words
from api.reports.pdf import MOST, ReportContent, pdf
from api.routes.history.asked import Past

router = APIRouter(prefix="/v1/history", tags=["history"])
Format = Literal["csv", "json", "pdf"]
FILTERS = ("team", "rule", "gateway", "severity", "status", "q")
BATCH = 1_000  # alerts that are read at once
TOTAL = "Tocsin-Total"  # the header that says how many alerts a report will hold: a client's progress


class Listed(Past):
    """Besides: which page."""

    cursor: str = ""
    limit: int = Field(default=50, ge=1, le=500)


class ReportQuestion(Past):
    """Besides: as what."""

    format: Format = "csv"


@router.get("")
async def listed(deps: Deps, who: Who, asked: Annotated[Listed, Query()]) -> dict[str, Any]:
    """Alerts that fired in a period, whatever became of them, the newest first."""
    selection = asked.selection(who, deps.now())
    after = cursors.read(asked.cursor) if asked.cursor else None
    total = await deps.database.read(lambda c: reading.total(c, selection))
    items, following = await deps.database.read(lambda c: reading.rows(c, selection, after, asked.limit))
    return {"items": items, "total": total, "next_cursor": following.spell() if following else None}


@router.get("/report", response_class=Response)
async def report(deps: Deps, who: Who, asked: Annotated[ReportQuestion, Query()]) -> Response:
    """All alerts that the filters show as a file; `Tocsin-Total` says beforehand how many there will be."""
    filters = ((name, str(getattr(asked, name))) for name in FILTERS)
    return await file_of(deps, asked.selection(who, deps.now()), asked.format, in_words(filters))


async def file_of(deps: Dependencies, selection: Selection, format_: Format, asked: str) -> Response:
    """All alerts of a selection as a file. `asked`: what it was narrowed by, in words."""
    total = await deps.database.read(lambda c: reading.total(c, selection))
    name = f"tocsin-{_day(selection, selection.period.begin)}-{_day(selection, selection.period.end - 1)}"
    headers = {TOTAL: str(total), "Content-Disposition": f'attachment; filename="{name}.{format_}"'}
    match format_:
        case "csv":
            kind = "text/csv; charset=utf-8; header=present"
            return StreamingResponse(_as_csv(deps, selection), headers=headers, media_type=kind)
        case "json":
            about = {"from": spell(selection.period.begin), "to": spell(selection.period.end), "total": total}
            body = _as_json(deps, selection, about)
            return StreamingResponse(body, headers=headers, media_type="application/json")
    content = await _content(deps, selection, asked, total)
    return Response(await run_in_threadpool(pdf, content), headers=headers, media_type="application/pdf")


def _day(selection: Selection, at: int) -> str:
    return local(at, selection.period.zone).date().isoformat()


async def _batches(deps: Dependencies, selection: Selection) -> AsyncIterator[list[dict[str, Any]]]:
    """The alerts page by page, so that a report of a million holds neither memory nor the database."""
    after: Cursor | None = None
    while True:
        items, after = await deps.database.read(lambda c, at=after: reading.rows(c, selection, at, BATCH))  # type: ignore[misc]
        yield items
        if after is None:
            return


async def _as_csv(deps: Dependencies, selection: Selection) -> AsyncIterator[str]:
    yield table_text.head()
    async for items in _batches(deps, selection):
        yield table_text.body(cells(item, selection.period.zone) for item in items)


async def _as_json(deps: Dependencies, selection: Selection, about: dict[str, Any]) -> AsyncIterator[bytes]:
    """One object whose `items` stand on a line each."""
    yield orjson.dumps(about)[:-1] + b',"items":['
    separator = b"\n"
    async for items in _batches(deps, selection):
        for item in items:
            yield separator + orjson.dumps(item, option=orjson.OPT_NON_STR_KEYS)
            separator = b",\n"
    yield b"\n]}\n"


async def _content(deps: Dependencies, selection: Selection, asked: str, total: int) -> ReportContent:
    figures = await deps.database.read(lambda c: metrics.by(c, selection, ["team"]))
    items, _ = await deps.database.read(lambda c: reading.rows(c, selection, None, MOST))
    period = selection.period
    first, last = local(period.begin, period.zone), local(period.end, period.zone)
    when = f"from {first:%Y-%m-%d %H:%M} to before {last:%Y-%m-%d %H:%M} ({period.zone.key})"
    rows = [cells(item, period.zone) for item in items]
    return ReportContent("Alerts and how they were answered", f"{asked}; fired {when}", figures, rows, total)
