"""What rules have besides: switching on and off, and being tried before they are enabled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from threading import Event
from typing import Any

import orjson
import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response, StreamingResponse

from api.commands import document_commands
from api.commands.answer import accepted, found, pending
from api.commands.idempotency import IdempotencyKey
from api.commands.trial_preparation import PreparedTrial, prepared
from api.dependencies import Dependencies, Deps, Keyed, Who
from api.error_answer import error_code
from api.queries import documents as reading
from api.trials.trial import Report, nobody
from api.trials.trial_process import tried_apart
from api.trials.trial_request import Trial, TrialBody
from api.trials.trial_task import TrialOutcome, TrialTask
from streams.codes import FailureCode, RefusalCode
from streams.errors import Failure
from streams.messages.command import Principal

log = structlog.get_logger()
router = APIRouter(prefix="/v1/rules", tags=["rules"])
LOOK = 0.5  # seconds between two looks whether somebody still waits for a trial
LINES = "application/x-ndjson"


@router.post("/test", response_model=None)
async def test(request: Request, deps: Deps, who: Who, body: TrialBody) -> Response:
    """Run a rule in memory: what would fire, when, why, and who would be told. Nothing is sent.

    On `samples` and `events` that you give, or on what Kafka has `recorded`: `{"gateway", "last"}`, the live window
    without `last`. Beside it stands what the version that holds now makes of the same. With `Accept:
    application/x-ndjson` lines `{"progress": 0.4}` come first, and `{"result": …}` or `{"error": …}` is the last.
    """
    trial = await run_in_threadpool(body.whole)
    if LINES in request.headers.get("accept", ""):
        return StreamingResponse(_lines(deps, who.name, await prepared(deps, who, trial)), media_type=LINES)
    return Response(orjson.dumps(await outcome(request, deps, who, trial)), media_type="application/json")


async def outcome(request: Request, deps: Dependencies, who: Principal, trial: Trial) -> dict[str, Any]:
    """What comes of a trial, all at once; it is stopped when whoever asked has hung up."""
    wanted = await prepared(deps, who, trial)
    async with deps.trials.turn(who.name):
        return await run_in_threadpool(wanted.answer, await _while_waited_for(request, wanted.task))


async def _while_waited_for(request: Request, task: TrialTask) -> TrialOutcome:
    """What the task brings; it is stopped when whoever asked has hung up."""
    stopped = Event()
    running = _started(task, stopped, nobody)
    try:
        while not running.done():
            await asyncio.wait([running], timeout=LOOK)
            if await request.is_disconnected():
                stopped.set()
        return running.result()
    finally:
        stopped.set()


def _started(task: TrialTask, stopped: Event, report: Report) -> asyncio.Task[TrialOutcome]:
    running = asyncio.create_task(run_in_threadpool(tried_apart, task, stopped, report))
    running.add_done_callback(
        lambda done: done.cancelled() or done.exception()
    )  # whoever waits may have gone
    return running


async def _lines(deps: Dependencies, name: str, wanted: PreparedTrial) -> AsyncIterator[bytes]:
    """How far it is, a line each time, and at last what comes of it; it is stopped when whoever asked has hung up."""
    stopped, progress = Event(), asyncio.Queue[float | None]()
    loop = asyncio.get_running_loop()

    def report(done: float) -> None:
        loop.call_soon_threadsafe(progress.put_nowait, done)

    try:
        async with deps.trials.turn(name):
            running = _started(wanted.task, stopped, report)
            running.add_done_callback(lambda _: progress.put_nowait(None))  # after all that it has reported
            while (done := await progress.get()) is not None:
                yield _line({"progress": round(done, 2)})
            yield _line({"result": await run_in_threadpool(wanted.answer, running.result())})
    except Failure as why:
        yield _error(str(why), error_code(why))
    except Exception as why:
        log.exception("a trial broke")
        yield _error(f"a bug of ours ({type(why).__name__}): the API's log has it", FailureCode.FAILED)
    finally:
        stopped.set()


def _error(detail: str, code: RefusalCode | FailureCode) -> bytes:
    return _line({"error": {"detail": detail, "code": code.value}})


def _line(what: dict[str, Any]) -> bytes:
    return orjson.dumps(what) + b"\n"


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
