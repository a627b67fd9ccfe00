"""`/v1/alerts/{id}/not-an-anomaly`: what a person says of an alert of an anomaly rule, kept as a document.

The document (a dismissal) is configuration like any other: it has an owner, revisions and a history, it can be read
and deleted at `/v1/dismissals`, and detect is told of it as of a rule. Its effect fades by half every week.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from fastapi.responses import JSONResponse

from api import instant
from api.commands import document_commands
from api.commands.answer import accepted, found, pending
from api.dependencies import Deps, Keyed, Who
from api.queries import alerts as reading
from streams.access import Permission, readable_teams, require
from streams.documents.dismissal import Dismissal
from streams.documents.document import derived
from streams.errors import Refused

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


@router.post("/{alert_id}/not-an-anomaly", response_model=None)
async def say(
    deps: Deps,
    who: Who,
    alert_id: str,
    key: Keyed,
    notes: Annotated[str, Body(embed=True, max_length=2000)] = "",
) -> JSONResponse | dict[str, Any]:
    """Say that it is none: the alert ends unless it grows, and its model asks for more, by half less every week."""
    teams = readable_teams(who)
    alert = await deps.database.read(lambda c: reading.one(c, alert_id, teams, timeline=True))
    alert = found(alert, f"alert {alert_id}")
    require(who, Permission.PUT, alert["team"], Dismissal.type)
    if alert["anomaly"] is None:
        raise Refused(f"rule {alert['rule']} looks for no anomalies: change its threshold, or disable it")
    words = f"{who.name}: {notes}" if notes else who.name
    document = Dismissal(
        name=_name(alert_id), team=alert["team"], description=words, instance=alert["fingerprint"],
        at=instant.spell(deps.now()) or "",
    )  # fmt: skip
    before = await document_commands.row(deps, who, Dismissal.type, document.id)
    if before is not None:
        return before.body | {"id": document.id}
    decision = await document_commands.put(deps, who, document, None, 0, key)
    return document.body() | {"id": document.id} if accepted(decision) else pending(decision)


@router.delete("/{alert_id}/not-an-anomaly", status_code=204)
async def take_back(deps: Deps, who: Who, alert_id: str, key: Keyed) -> Response:
    """Take it back: the model judges as if it had never been said."""
    teams = readable_teams(who)
    alert = found(await deps.database.read(lambda c: reading.one(c, alert_id, teams)), f"alert {alert_id}")
    named = str(derived(alert["team"], Dismissal.type, _name(alert_id)))
    row = await document_commands.row(deps, who, Dismissal.type, named)
    if row is None and (earlier := await deps.command_client.earlier(key, who)):
        return Response(status_code=204) if accepted(earlier) else pending(earlier)
    before = found(row, f"dismissal of alert {alert_id}")
    document_commands.editable(before, None)
    decision = await document_commands.delete(deps, who, before, before.revision, key)
    return Response(status_code=204) if accepted(decision) else pending(decision)


def _name(alert_id: str) -> str:
    return f"alert-{alert_id}"
