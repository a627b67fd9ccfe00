"""What rules have besides: switching on and off, and being tried on samples before they are enabled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, FailFast, Field

from api.commands import document_commands
from api.commands.answer import accepted, found, pending
from api.commands.idempotency import IdempotencyKey
from api.dependencies import Deps, Keyed, Who
from api.queries import documents as reading
from api.trials.sample import Sample, Wave
from api.trials.trial import MOST, Tried, inputs
from api.trials.trial_process import tried_apart
from api.trials.trial_warnings import remarks
from streams.access import Permission, readable_teams, require
from streams.errors import Refused

router = APIRouter(prefix="/v1/rules", tags=["rules"])
SHOWN = 5_000  # rows of anomaly models in one answer
LOOK = 0.5  # seconds between two looks whether somebody still waits for a trial


class Trial(BaseModel):
    """A rule and what to show it: samples as they are, or a wave of values made by a recipe."""

    model_config = ConfigDict(extra="forbid")
    rule: dict[str, Any]
    samples: Annotated[list[Sample], FailFast()] = Field(default=[], max_length=20_000)
    generate: Annotated[list[Wave], FailFast()] = Field(default=[], max_length=20)
    gateway: str = Field(default="trial", min_length=1, max_length=200)

    def all(self) -> list[Sample]:
        """The samples and the waves, carried out; Refused before too many are."""
        size = len(self.samples) + sum(len(wave.values) * wave.times for wave in self.generate)
        if size > MOST:
            raise Refused(f"`generate`: a trial takes at most {MOST} values, not {size}: lower `times`")
        return [*self.samples, *(sample for wave in self.generate for sample in wave.samples())]


@router.post("/test")
async def test(request: Request, deps: Deps, who: Who, trial: Trial) -> dict[str, Any]:
    """Run a rule in memory on samples: what would fire, when, why, and who would be told. Nothing is sent.

    Of an anomaly rule it says what it made of every row: value, band and score.
    """
    rule = document_commands.readable("rule", trial.rule)
    require(who, Permission.TRY, rule.team)
    known = await deps.database.read(lambda c: reading.all_of(c, "", readable_teams(who)))
    others = reading.readable(row for row in known if row.type != "rule")
    samples = trial.all()
    messages, until = inputs(trial.gateway, samples)
    async with deps.trials.turn(who.name):
        outcome = await _while_waited_for(
            request, lambda stopped: tried_apart([rule, *others], messages, until, stopped)
        )
    warnings, rows = remarks([rule], samples, trial.gateway, deps.now()), outcome.rows
    if len(rows) > SHOWN:
        warnings.append(f"`rows` holds the newest {SHOWN} of {len(rows)}: take fewer samples for older ones")
    return {"rule": rule.body(), "timeline": outcome.timeline, "rows": rows[-SHOWN:], "warnings": warnings}


async def _while_waited_for(request: Request, work: Callable[[Event], Tried]) -> Tried:
    """What the work brings; it is stopped when whoever asked has hung up."""
    stopped = Event()
    running = asyncio.create_task(run_in_threadpool(work, stopped))
    try:
        while not running.done():
            await asyncio.wait([running], timeout=LOOK)
            if await request.is_disconnected():
                stopped.set()
        return running.result()
    finally:
        stopped.set()


async def _switched(
    deps: Deps, who: Who, rule_id: str, enabled: bool, key: IdempotencyKey | None
) -> JSONResponse:
    before = found(await document_commands.row(deps, who, "rule", rule_id), f"rule {rule_id}")
    document_commands.editable(before, None)
    document = document_commands.readable("rule", before.body | {"enabled": enabled})
    decision = await document_commands.put(deps, who, document, before, before.revision, key)
    if not accepted(decision):
        return pending(decision)
    row = await deps.database.read(lambda c: reading.one(c, rule_id, None))
    (shown,) = await document_commands.show(deps, [row or before])
    return JSONResponse(shown)


@router.post("/{rule_id}/enable")
async def enable(deps: Deps, who: Who, rule_id: str, key: Keyed) -> JSONResponse:
    """Let the rule be judged again."""
    return await _switched(deps, who, rule_id, True, key)


@router.post("/{rule_id}/disable")
async def disable(deps: Deps, who: Who, rule_id: str, key: Keyed) -> JSONResponse:
    """Stop judging the rule; its alerts end."""
    return await _switched(deps, who, rule_id, False, key)
