"""`POST /api/v1/write`: Prometheus writes its samples here (remote write 1.0), unchanged.

Its sender goes by the status: what is answered 5xx or 429 it sends again, what is answered 4xx otherwise it drops and
logs. So 400 is said of what will never be taken, when all else of the request is kept; 503 where Kafka keeps nothing.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from api.dependencies import Deps, Who
from api.routes.foreign.pushing import push
from sources.intake.metrics import remote_write
from sources.intake.metrics.compressed import unsnapped
from sources.intake.metrics.pushed import gateway_name
from sources.intake.metrics.remote_write import WriteRead
from streams.access import Permission, require
from streams.codes import RefusalCode
from streams.documents.document import PLATFORM
from streams.errors import Refused

router = APIRouter(prefix="/api/v1", tags=["remote write"])
KIND = "application/x-protobuf"
NEWER = "io.prometheus.write.v2.Request"


@router.post("/write", status_code=204, response_class=Response)
async def write(deps: Deps, who: Who, request: Request, gateway: str = "") -> Response:
    """Take samples; 204: they are kept. `gateway`: whose, where the labels `gateway` and `job` do not say it."""
    require(who, Permission.EMIT, PLATFORM)
    raw = await request.body()
    _kind(request.headers.get("content-type", ""), request.headers.get("content-encoding", ""))
    name, now = gateway_name(gateway), deps.now()
    written = await run_in_threadpool(
        lambda: remote_write.read(unsnapped(raw), name, deps.pushed_sources, now)
    )
    await push(deps, written.frames, whole=False)
    if why := _refusal(written):
        raise Refused(f"{why}; all else was taken", RefusalCode.MALFORMED)
    return Response(status_code=204)


def _kind(media: str, encoding: str) -> None:
    """415 where it is not what we read: a sender of version 2 then falls back to version 1."""
    first, *parameters = [part.strip() for part in media.lower().split(";")]
    if encoding.lower() != "snappy" or first != KIND or f"proto={NEWER}".lower() in parameters:
        raise Refused(
            f"send remote write 1.0: Content-Type: {KIND}, Content-Encoding: snappy", RefusalCode.NOT_JSON
        )


def _refusal(written: WriteRead) -> str:
    """What of a request was not taken, and why; "" where that is nothing."""
    if written.refused:
        return f"{written.refused} series cannot be taken: {written.wrong}"
    if left_out := written.frames.left_out():
        return left_out
    return (
        "native histograms cannot be taken: leave `send_native_histograms` off" if written.histograms else ""
    )
