"""Documents that a click makes: a silence from an alert, and a maintenance window that ends now."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import instant
from api.commands import document_commands
from api.commands.answer import accepted, found, pending
from api.dependencies import Deps, Keyed, Who
from api.queries import documents
from api.queries.states import alert_states
from streams.access import Permission, readable_teams, require
from streams.documents.suppression.maintenance import Maintenance
from streams.documents.suppression.silence import Silence, of_alert
from streams.errors import Refused

router = APIRouter()


class Quiet(BaseModel):
    """For how long, or until when, alerts like this one are quiet, and why."""

    model_config = ConfigDict(extra="forbid")
    for_: str = Field(default="", alias="for", max_length=100)
    until: str = Field(default="", max_length=100)
    reason: str = Field(min_length=1, max_length=500)
    name: str = Field(default="", max_length=100)

    def ends(self, now: int) -> int:
        """The first instant at which they are told of again, ms UTC; Refused names the field and the fix."""
        return instant.end(self.for_, self.until, now)


@router.post("/v1/alerts/{alert_id}/silence", tags=["alerts"])
async def silence(deps: Deps, who: Who, alert_id: str, key: Keyed, quiet: Quiet) -> JSONResponse:
    """Make a silence from an alert: of its labels, its severity and those below; what gets worse is told."""
    teams, now = readable_teams(who), deps.now()
    alert = found(
        await deps.database.read(lambda c: alert_states.one(c, alert_id, teams)), f"alert {alert_id}"
    )
    require(who, Permission.PUT, alert.team, Silence.type)
    document = document_commands.readable(Silence.type, {
        "name": quiet.name or f"alert-{alert_id[:13]}-{now // 1000}", "team": alert.team,
        "covers": of_alert(alert.matchable(), alert.severity), "starts": instant.spell(now),
        "ends": instant.spell(quiet.ends(now)), "owner": who.name, "reason": quiet.reason,
    })  # fmt: skip
    decision = await document_commands.put(deps, who, document, None, 0, key)
    if not accepted(decision):
        return pending(decision)
    return JSONResponse(
        {"id": document.id, **document.body()}, 201, {"Location": f"/v1/silences/{document.id}"}
    )


@router.post("/v1/maintenance/{document_id}/end", tags=["maintenance"], response_model=None)
async def end(deps: Deps, who: Who, document_id: str, key: Keyed) -> JSONResponse | dict[str, Any]:
    """End the time that a window is open now; what still fires is told at once, and later times are as they were."""
    row = await document_commands.row(deps, who, Maintenance.type, document_id)
    if row is not None and (earlier := await deps.command_client.earlier(key, who)) and accepted(earlier):
        return {"id": document_id, **row.body}
    before = found(row, f"maintenance {document_id}")
    require(who, Permission.PUT, before.team, Maintenance.type)
    document_commands.editable(before, None)
    window, now = before.document(), deps.now()
    assert isinstance(window, Maintenance)
    if window.active_at(now) is None:
        raise Refused(f"maintenance {before.name} is not open now: delete it, or change `starts`")
    ended = window.model_copy(update={"ended": instant.spell(now)})
    decision = await document_commands.put(deps, who, ended, before, before.revision, key)
    if not accepted(decision):
        return pending(decision)
    after = await deps.database.read(lambda c: documents.one(c, document_id, None))
    return {"id": document_id, **(after.body if after else ended.body())}
