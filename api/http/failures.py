"""Every failure as an answer of one shape: `{"detail": "what is wrong and what to do", "code": "…"}`.

What has a name becomes its own sentence; anything else is a bug of ours, is logged, and answers 500.
"""

from __future__ import annotations

from typing import Any

from aiokafka.errors import KafkaError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from api.error_answer import ErrorAnswer, error_answer, error_code
from api.field_faults import sentence
from streams.codes import FailureCode, RefusalCode
from streams.errors import Failure

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
FRAMEWORK = {  # what the framework itself refuses, by its status
    400: RefusalCode.MALFORMED,
    404: RefusalCode.NOT_FOUND,
    405: RefusalCode.METHOD,
    413: RefusalCode.TOO_LARGE,
}


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


async def _named(_: Request, why: Exception) -> Response:
    assert isinstance(why, Failure)
    return error_answer(str(why), error_code(why))


async def _broker(_: Request, why: Exception) -> Response:
    detail = f"the broker cannot be asked ({type(why).__name__}): nothing was changed; see /health/ready"
    return error_answer(detail, FailureCode.UNAVAILABLE)


async def _database(_: Request, why: Exception) -> Response:
    detail = f"the read model cannot be read ({type(why).__name__}): see /health/ready"
    return error_answer(detail, FailureCode.UNAVAILABLE)


async def _unreadable(_: Request, why: Exception) -> Response:
    assert isinstance(why, RequestValidationError)
    return error_answer(sentence(why.errors()), RefusalCode.INVALID)


async def _refused(request: Request, why: Exception) -> Response:
    """What the framework refuses gets a sentence by its status: which path, which methods, what is no JSON."""
    assert isinstance(why, HTTPException)
    path, code = request.url.path[:80], FRAMEWORK.get(why.status_code, RefusalCode.INVALID)
    match code:
        case RefusalCode.NOT_FOUND:
            return error_answer(f"there is nothing at {path}: /v1/openapi.json lists what there is", code)
        case RefusalCode.METHOD:
            methods = ", ".join(possible(request)) or "GET"
            words = f"{request.method} is not possible at {path}: use {methods}"
            return error_answer(words, code, {"Allow": methods})
        case RefusalCode.MALFORMED:
            return error_answer(NO_JSON, code)
    return error_answer(str(why.detail), code)


NO_JSON = (
    "the body is not JSON that can be read: it is not UTF-8, nested too deeply, "
    "or holds a number of thousands of digits"
)


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


async def _bug(_: Request, why: Exception) -> Response:
    detail = f"a bug of ours ({type(why).__name__}): the API's log has it, and nothing was changed"
    return error_answer(detail, FailureCode.FAILED)
