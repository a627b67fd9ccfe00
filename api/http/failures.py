"""Every failure as an answer of one shape: `{"detail": "one sentence that names the field and the fix"}`.

What has a name becomes its own sentence; anything else is a bug of ours, is logged, and answers 500.
"""

from __future__ import annotations

from typing import Any

from aiokafka.errors import KafkaError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from api.field_faults import sentence
from streams.codes import RefusalCode
from streams.errors import Failure, Misconfigured, Refused, Unavailable

STATUSES: tuple[tuple[type[Exception], int], ...] = ((Misconfigured, 503), (Unavailable, 503))
METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
STATUS_OF = {RefusalCode.CONFLICT: 409, RefusalCode.MALFORMED: 400}  # of any other refusal 422


class ErrorAnswer(BaseModel):
    """An error: one sentence that names the field, or the thing, and what to do."""

    detail: str


ANSWERS: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorAnswer, "description": "A field that cannot be used, by name."},
    "4XX": {"model": ErrorAnswer, "description": "Refused; the sentence says why, and what to change."},
    "5XX": {"model": ErrorAnswer, "description": "Not possible now; the sentence says where to look."},
}


def install(app: FastAPI) -> None:
    """Let the application answer every failure in this shape."""
    app.add_exception_handler(Failure, _named)
    app.add_exception_handler(KafkaError, _broker)
    app.add_exception_handler(SQLAlchemyError, _database)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _bug)


def answer(detail: str, status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    """The one shape, on one line; what cannot be spelled in UTF-8 is replaced."""
    words = " ".join(detail.split()).encode(errors="replace").decode()
    return JSONResponse({"detail": words}, status, headers)


async def _named(_: Request, why: Exception) -> JSONResponse:
    if isinstance(why, Refused):
        return answer(str(why), STATUS_OF.get(why.code, 422))
    status = next((status for kind, status in STATUSES if isinstance(why, kind)), 500)
    return answer(str(why), status, {"Retry-After": "5"} if isinstance(why, Unavailable) else None)


async def _broker(_: Request, why: Exception) -> JSONResponse:
    detail = (
        f"the broker does not take the command ({type(why).__name__}): nothing was changed; try again shortly"
    )
    return answer(detail, 503, {"Retry-After": "5"})


async def _database(_: Request, why: Exception) -> JSONResponse:
    detail = f"the read model cannot be read ({type(why).__name__}): see /health/ready"
    return answer(detail, 503, {"Retry-After": "5"})


async def _unreadable(_: Request, why: Exception) -> JSONResponse:
    assert isinstance(why, RequestValidationError)
    return answer(sentence(why.errors()), 422)


async def _refused(request: Request, why: Exception) -> JSONResponse:
    """Our own refusals have their sentence; those of the framework get one."""
    assert isinstance(why, HTTPException)
    headers, path = dict(why.headers or {}), request.url.path[:80]
    if why.status_code == 405:
        headers["Allow"] = ", ".join(possible(request)) or headers.get("Allow", "GET")
    said = {
        "Not Found": f"there is nothing at {path}: /v1/openapi.json lists what there is",
        "Method Not Allowed": f"{request.method} is not possible at {path}: use {headers.get('Allow', 'GET')}",
        "There was an error parsing the body": "the body is not JSON that can be read: it is not UTF-8, nested too "
        "deeply, or holds a number of thousands of digits",
    }
    return answer(said.get(str(why.detail), str(why.detail)), why.status_code, headers)


def possible(request: Request) -> list[str]:
    """All methods that the path of a request takes, of whichever route."""
    asked = {method: {**request.scope, "method": method} for method in METHODS}
    routes = request.app.routes
    return [
        method
        for method, scope in asked.items()
        if any(route.matches(scope)[0] is Match.FULL for route in routes)
    ]


async def _gone(_: Request, why: Exception) -> Response:
    """Whoever asked has hung up before the question was whole: there is nobody to answer, and nothing to log."""
    assert isinstance(why, ClientDisconnect)
    return Response(status_code=400)


async def _bug(_: Request, why: Exception) -> JSONResponse:
    return answer(f"a bug of ours ({type(why).__name__}): the API's log has it, and nothing was changed", 500)
