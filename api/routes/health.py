"""Health: alive, ready (with reasons), how far each stage stands behind, and the state in sentences for the page."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from itertools import product
from typing import Any, TypeVar, get_args

from aiokafka.errors import KafkaError
from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from api.dependencies import Dependencies, Deps, Who
from api.health import disk
from api.health.lag import Behind
from api.queries import open_alerts, position
from streams.access import Permission, may
from streams.documents.document import PLATFORM
from streams.messages.envelope import Severity

router = APIRouter(tags=["health"])
T = TypeVar("T")
PATIENCE = 3.0  # seconds that a page waits to hear how it is; it asks again a little later
SLOW = f"the broker has not answered for {PATIENCE:.0f} s, so what you see may be old"


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "live"}


@router.get("/health/ready")
async def ready(deps: Deps) -> JSONResponse:
    """Whether read model and broker answer, the disk has room, and the settings' receivers stand; 503 says why not."""
    reasons = await _reasons(deps)
    return JSONResponse(
        {"status": "not ready" if reasons else "ready", "reasons": reasons}, 503 if reasons else 200
    )


async def _reasons(deps: Dependencies) -> list[str]:
    """The disk comes first: where it is full, it is why the others do not answer."""
    both = await asyncio.gather(deps.database.reachable(), deps.watch.reachable())
    reasons = (disk.full(disk.free(deps.settings.data)), *both, *sorted(deps.awaited))
    return [reason for reason in reasons if reason]


@router.get("/health/lag")
async def lag(deps: Deps) -> JSONResponse:
    """Each stage's, sink's and the projection's place in each partition; 503 where the broker cannot be asked."""
    readers = await _lag(deps)
    if isinstance(readers, str):
        return JSONResponse({"status": "unknown", "reasons": [readers], "readers": []}, 503)
    worst = max((reader.behind for reader in readers), default=0)
    shown = [{**reader._asdict(), "behind": reader.behind, "late": reader.late} for reader in readers]
    late = any(reader.late for reader in readers)
    return JSONResponse({"status": "late" if late else "ok", "behind": worst, "readers": shown})


async def _lag(deps: Dependencies) -> list[Behind] | str:
    try:
        projected = await deps.database.read(position.projected)
        readers = await deps.watch.lag(projected)
    except (KafkaError, SQLAlchemyError, OSError, TimeoutError) as why:
        return f"the places cannot be read: {type(why).__name__}"
    for reader in readers:
        deps.measures.behind.labels(reader.group, reader.topic, str(reader.partition)).set(reader.behind)
    for group in {reader.group for reader in readers}:
        late = any(reader.late for reader in readers if reader.group == group)
        deps.measures.late.labels(group).set(late)
    return readers


@router.get("/v1/system")
async def system(deps: Deps) -> dict[str, Any]:
    """The state of the system in sentences: what a banner says; empty where all is well."""
    reasons = await _within(_reasons(deps), [SLOW])
    says = [{"level": "bad", "text": f"Not ready: {reason}."} for reason in reasons]
    readers = [] if says else await _within(_lag(deps), SLOW)
    if isinstance(readers, str):
        says.append({"level": "bad", "text": f"Not known how far behind the stages are: {readers}."})
    else:
        says += [{"level": "bad", "text": text} for text in sentences(readers)]
    if nearly := disk.short(disk.free(deps.settings.data)):
        says.append({"level": "bad", "text": nearly})
    if not deps.settings.enabled:
        says.append({"level": "bad", "text": "Alerting is switched off (MCPGATEWAY_ALERTING_ENABLED)."})
    if deps.settings.demonstration:
        text = "A demonstration runs; only a local catcher hears of it. TOCSIN_DEMONSTRATION=false switches it off."
        says.append({"level": "note", "text": text})
    return {"says": says}


async def _within(look: Coroutine[Any, Any, T], otherwise: T) -> T:
    """What a look brings while a page waits for it; one that takes longer goes on, for those who ask next."""
    try:
        return await asyncio.wait_for(asyncio.shield(look), PATIENCE)
    except TimeoutError:
        return otherwise


def sentences(readers: list[Behind]) -> list[str]:
    """One sentence for each reader that is late, its partitions summed."""
    behind: dict[str, int] = {}
    for reader in readers:
        if reader.late:
            behind[reader.group] = behind.get(reader.group, 0) + reader.behind
    return [
        f"{group} has taken nothing of {count} records for over a minute: what you see and get is late."
        for group, count in behind.items()
    ]


async def look(deps: Dependencies) -> None:
    """Bring what the API measures of the whole up to date."""
    deps.measures.ready.set(not await _reasons(deps))
    await _lag(deps)
    try:
        counts = await deps.database.read(open_alerts.count)
    except SQLAlchemyError:  # that it is away is `ready`'s to say
        return
    for status, severity in product(open_alerts.OPEN, get_args(Severity)):
        deps.measures.alerts.labels(status, severity).set(counts.get((status, severity), 0))


@router.get("/metrics", response_class=Response)
async def metrics(deps: Deps, who: Who) -> Response:
    """What the API counts about itself and knows of the whole, for a scrape with a token; gateways by their leave."""
    await _within(look(deps), None)
    everything = may(who, Permission.READ_TELEMETRY, PLATFORM) is None
    return Response(deps.measures.text(everything), media_type="text/plain; version=0.0.4; charset=utf-8")
