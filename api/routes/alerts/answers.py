"""What people do about an alert: each is a command in its team's log."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import instant
from api.commands.answer import accepted, found, pending
from api.commands.command_client import USED, command
from api.commands.idempotency import IdempotencyKey
from api.dependencies import Dependencies, Deps, Keyed, Who
from api.queries import alerts as reading
from streams.access import Permission, readable_teams, require
from streams.codes import RefusalCode
from streams.errors import Refused
from streams.messages.command import (
    Acknowledge,
    Assign,
    Comment,
    Escalate,
    Principal,
    Resolve,
    Snooze,
    Unsnooze,
)

OfAlert = Acknowledge | Resolve | Snooze | Unsnooze | Comment | Assign | Escalate
QUIETING = (Acknowledge, Resolve)  # after which it fires no more
router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


class Resolution(BaseModel):
    """What whoever resolves an alert leaves for the next."""

    model_config = ConfigDict(extra="forbid")
    notes: str = Field(default="", max_length=2000)


class Snoozing(BaseModel):
    """Until when nobody is to hear of an alert: a length from now, or an instant."""

    model_config = ConfigDict(extra="forbid")
    for_: str = Field(default="", alias="for", max_length=100)
    until: str = Field(default="", max_length=100)
    notes: str = Field(default="", max_length=1000)

    def ends(self, now: int) -> int:
        """The first instant at which it is told of again, ms UTC; Refused names the field and the fix."""
        return instant.end(self.for_, self.until, now)


class Remark(BaseModel):
    """What is to be remembered of an alert."""

    model_config = ConfigDict(extra="forbid")
    notes: str = Field(min_length=1, max_length=1000)


class Assignment(BaseModel):
    """Who is to see to an alert."""

    model_config = ConfigDict(extra="forbid")
    to: str = Field(max_length=100)
    notes: str = Field(default="", max_length=1000)


@router.post("/{alert_id}/acknowledge", response_model=None)
async def acknowledge(deps: Deps, who: Who, alert_id: str, key: Keyed) -> JSONResponse | dict[str, Any]:
    """Say "I have it": pending steps, repeats and retries of its group stop."""
    return await _act(deps, who, alert_id, Acknowledge, key)


@router.post("/{alert_id}/resolve", response_model=None)
async def resolve(
    deps: Deps,
    who: Who,
    alert_id: str,
    key: Keyed,
    resolution: Resolution = Resolution(),  # noqa: B008  # frozen in effect: it is only read
) -> JSONResponse | dict[str, Any]:
    """Say "it is fixed", with notes for whoever meets it next."""
    return await _act(deps, who, alert_id, partial(Resolve, notes=resolution.notes), key)


@router.post("/{alert_id}/snooze", response_model=None)
async def snooze(
    deps: Deps, who: Who, alert_id: str, key: Keyed, snoozing: Snoozing
) -> JSONResponse | dict[str, Any]:
    """Say "not now": nobody hears of it for a while, unless its severity rises."""
    return await _act(
        deps, who, alert_id, partial(Snooze, until=snoozing.ends(deps.now()), notes=snoozing.notes), key
    )


@router.post("/{alert_id}/unsnooze", response_model=None)
async def unsnooze(deps: Deps, who: Who, alert_id: str, key: Keyed) -> JSONResponse | dict[str, Any]:
    """Take a snooze back: people hear of it again."""
    return await _act(deps, who, alert_id, Unsnooze, key)


@router.post("/{alert_id}/comment", response_model=None)
async def comment(
    deps: Deps, who: Who, alert_id: str, key: Keyed, remark: Remark
) -> JSONResponse | dict[str, Any]:
    """Note something in its timeline."""
    return await _act(deps, who, alert_id, partial(Comment, notes=remark.notes), key)


@router.post("/{alert_id}/assign", response_model=None)
async def assign(
    deps: Deps, who: Who, alert_id: str, key: Keyed, assignment: Assignment
) -> JSONResponse | dict[str, Any]:
    """Give it to somebody, or with an empty `to` to nobody in particular."""
    return await _act(deps, who, alert_id, partial(Assign, to=assignment.to, notes=assignment.notes), key)


@router.post("/{alert_id}/escalate", response_model=None)
async def escalate(deps: Deps, who: Who, alert_id: str, key: Keyed) -> JSONResponse | dict[str, Any]:
    """Say "not me, or not me alone": the next step goes now."""
    return await _act(deps, who, alert_id, Escalate, key)


async def _act(
    deps: Dependencies,
    who: Principal,
    alert_id: str,
    named: Callable[..., OfAlert],
    key: IdempotencyKey | None,
) -> JSONResponse | dict[str, Any]:
    teams = readable_teams(who)
    alert = found(await deps.database.read(lambda c: reading.one(c, alert_id, teams)), f"alert {alert_id}")
    action = named(alert=alert["fingerprint"], alert_id=alert_id)
    require(who, Permission(action.do), alert["team"])
    decision = await deps.command_client.ask(command(action, key, deps.now(), who, alert["team"]))
    deps.measures.commands.labels(action.do, decision.status).inc()
    if not accepted(decision):
        return pending(decision)
    now = dict(await deps.database.read(lambda c: reading.one(c, alert_id, teams)) or alert)
    if decision.repeated and isinstance(action, QUIETING) and now["status"] == "firing":
        raise Refused(USED, RefusalCode.KEY_REUSED)
    return now
