"""`POST /otlp/v1/metrics`: OpenTelemetry's SDKs and Collector send metrics here (OTLP/HTTP, protobuf or JSON).

The answer is of the kind of the request. Points that cannot be taken are counted in `partialSuccess`, with the reason,
since a sender that is answered 4xx or 5xx believes that nothing was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from fastapi.routing import APIRoute

from api.dependencies import Deps, Who
from api.error_answer import AGAIN, STATUS_OF, error_code
from api.routes.foreign.pushing import push
from sources.intake.metrics import otlp, wire
from sources.intake.metrics.compressed import gunzipped
from sources.intake.metrics.otlp import ExportRead
from sources.intake.metrics.pushed import gateway_name
from streams.access import Permission, require
from streams.codes import RefusalCode
from streams.documents.document import PLATFORM
from streams.errors import Failure, Refused

PROTOBUF, JSON = "application/x-protobuf", "application/json"


class OtlpRoute(APIRoute):
    """A route whose refusals are `Status` messages in the kind of the request, as OTLP has them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with such failures as answers."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except Failure as why:
                code = error_code(why)
                status = 400 if STATUS_OF[code] == 422 else STATUS_OF[code]
                kind = _kind(request)
                words = f"{why}"[:1_000]
                body = (
                    wire.delimited(2, words.encode())
                    if kind == PROTOBUF
                    else orjson.dumps({"message": words})
                )
                again = {"Retry-After": AGAIN} if status in (429, 503) else {}
                return Response(body, status, again, media_type=PROTOBUF if kind == PROTOBUF else JSON)

        return handler


router = APIRouter(prefix="/otlp/v1", tags=["opentelemetry"], route_class=OtlpRoute)


@router.post("/metrics", response_class=Response)
async def export(deps: Deps, who: Who, request: Request, gateway: str = "") -> Response:
    """Take metrics; `gateway`: whose they are, where the attribute `gateway` or `service.name` does not say it."""
    require(who, Permission.EMIT, PLATFORM)
    name, now, wanted = gateway_name(gateway), deps.now(), deps.settings.otlp_labels
    kind, raw = _kind(request), await request.body()
    if kind not in (PROTOBUF, JSON):
        raise Refused(f"send Content-Type: {PROTOBUF} or {JSON}", RefusalCode.NOT_JSON)
    opened = _opener(request.headers.get("content-encoding", ""))

    def read() -> ExportRead:
        body = opened(raw)
        export_ = otlp.of_protobuf(body) if kind == PROTOBUF else otlp.of_json(body)
        return otlp.read(export_, name, wanted, deps.pushed_sources, now)

    taken = await run_in_threadpool(read)
    await push(deps, taken.frames, whole=True)
    return Response(_answer(taken, kind), media_type=kind)


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _opener(encoding: str) -> Callable[[bytes], bytes]:
    if encoding.lower() in ("", "identity"):
        return bytes
    if encoding.lower() == "gzip":
        return gunzipped
    raise Refused("send Content-Encoding: gzip, or none", RefusalCode.NOT_JSON)


def _answer(taken: ExportRead, kind: str) -> bytes:
    """The response: empty where all was taken, else how many points were not, and why."""
    rejected = taken.rejected + taken.frames.old + taken.frames.surplus
    why = taken.why or taken.frames.left_out()
    if kind == PROTOBUF:
        partial = wire.counted(1, rejected) + wire.delimited(2, why.encode())
        return wire.delimited(1, partial) if rejected else b""
    return orjson.dumps(
        {"partialSuccess": {"rejectedDataPoints": str(rejected), "errorMessage": why}} if rejected else {}
    )
