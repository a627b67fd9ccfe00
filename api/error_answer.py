"""The one shape of an error: a status, a code for programs, and one sentence for people."""

from __future__ import annotations

from pydantic import BaseModel
from starlette.responses import JSONResponse

from streams.codes import FailureCode, RefusalCode
from streams.errors import Failure, Misconfigured, Refused, Unavailable

STATUS_OF: dict[RefusalCode | FailureCode, int] = {
    RefusalCode.INVALID: 422,
    RefusalCode.FORGED: 422,
    RefusalCode.MALFORMED: 400,
    RefusalCode.NOT_SIGNED_IN: 401,
    RefusalCode.NOT_PERMITTED: 403,
    RefusalCode.NOT_FOUND: 404,
    RefusalCode.METHOD: 405,
    RefusalCode.CONFLICT: 409,
    RefusalCode.ALREADY_RESOLVED: 409,
    RefusalCode.NOTHING_TO_ACKNOWLEDGE: 409,
    RefusalCode.NOTHING_TO_ESCALATE: 409,
    RefusalCode.NOT_SNOOZED: 409,
    RefusalCode.LOOP: 422,
    RefusalCode.FIRED_AGAIN: 409,
    RefusalCode.EXPIRED: 409,
    RefusalCode.REFERENCED: 409,
    RefusalCode.OWNED_BY_FILE: 409,
    RefusalCode.KEY_REUSED: 409,
    RefusalCode.TOO_LARGE: 413,
    RefusalCode.NOT_JSON: 415,
    RefusalCode.NO_REVISION: 428,
    RefusalCode.OVERLOADED: 429,
    RefusalCode.CODE_WRONG: 422,
    RefusalCode.CODE_EXPIRED: 409,
    FailureCode.FAILED: 500,
    FailureCode.MISCONFIGURED: 503,
    FailureCode.UNAVAILABLE: 503,
}
AGAIN = "5"  # seconds after which it is worth to try again
_LATER = frozenset({RefusalCode.OVERLOADED, FailureCode.UNAVAILABLE})


class ErrorAnswer(BaseModel):
    """An error: one sentence that names the field, or the thing, and what to do; and its code."""

    detail: str
    code: str


def error_code(why: Failure) -> RefusalCode | FailureCode:
    """The code of a failure: its own, or whose fault it is."""
    match why:
        case Refused():
            return why.code
        case Unavailable():
            return FailureCode.UNAVAILABLE
        case Misconfigured():
            return FailureCode.MISCONFIGURED
    return FailureCode.FAILED


def error_answer(
    detail: str, code: RefusalCode | FailureCode, headers: dict[str, str] | None = None
) -> JSONResponse:
    """The answer with the status of its code, on one line; what cannot be spelled in UTF-8 is replaced."""
    words = " ".join(detail.split()).encode(errors="replace").decode()
    more = {"Retry-After": AGAIN} if code in _LATER else {}
    return JSONResponse({"detail": words, "code": code.value}, STATUS_OF[code], {**more, **(headers or {})})
