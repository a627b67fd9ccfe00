"""The files of scheduled reports: what one would be now, and what a link in a message leads to."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.commands import document_commands
from api.commands.answer import found
from api.dependencies import Dependencies, Deps, Who
from api.queries import documents as stored
from api.queries.history.period import Period
from api.queries.history.selection import Selection
from api.reports.cells import in_words
from api.routes.history.table import file_of
from streams.codes import RefusalCode
from streams.documents.document import PLATFORM
from streams.documents.report import ScheduledReport
from streams.errors import Refused
from streams.links.report_link import PATH, read_report

router = APIRouter(prefix="/v1/reports", tags=["reports"])
links = APIRouter(prefix=PATH.rstrip("/"), include_in_schema=False)
ENDED = "this link is none of ours, or two weeks old, or the report does not exist any more: sign in, and open History"


@router.get("/{document_id}/file", response_class=Response)
async def look(deps: Deps, who: Who, document_id: str) -> Response:
    """The report as it would be if it were due now."""
    row = found(await document_commands.row(deps, who, "report", document_id), f"report {document_id}")
    document = row.document()
    now = deps.now()
    return await _file(deps, document, now - document.last, now)


@links.get("/{token}", response_class=Response)
async def linked(deps: Deps, token: str) -> Response:
    """The report that a message told of; the link is the proof of who may have it."""
    claim = read_report(deps.links, token, deps.now())
    if claim is None:
        raise Refused(ENDED, RefusalCode.NOT_FOUND)
    row = await deps.database.read(lambda c: stored.one(c, claim.report.document_id, None))
    document = row.document() if row else None
    if not isinstance(document, ScheduledReport):
        raise Refused(ENDED, RefusalCode.NOT_FOUND)
    return await _file(deps, document, claim.report.begin, claim.report.end)


async def _file(deps: Dependencies, document: ScheduledReport, begin: int, end: int) -> Response:
    """The alerts of a report's team, of all teams where the platform owns it, as its document says."""
    team = "" if document.team == PLATFORM else document.team
    selection = Selection(
        teams=[team] if team else None, period=Period(begin, end, document.zone), statuses=document.status,
        severities=document.severity, team=team, gateway=document.gateway, rule=document.rule, text=document.q,
    )  # fmt: skip
    words = (
        ("team", team), ("rule", document.rule), ("gateway", document.gateway), ("q", document.q),
        ("severity", ",".join(document.severity)), ("status", ",".join(document.status)),
    )  # fmt: skip
    return await file_of(deps, selection, document.format, in_words(words))
