"""`POST /v1/documents`: many documents in one request, as `tocsin apply` sends them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, FailFast, Field

from api.commands.answer import open_words
from api.commands.bulk import Put, put_all
from api.commands.command_client import CommandDecision
from api.dependencies import Deps, Keyed, Who
from streams.codes import FailureCode, RefusalCode
from streams.errors import Failure, Refused, Unavailable

MOST = 500  # documents of one request
router = APIRouter(prefix="/v1/documents", tags=["documents"])


class Documents(BaseModel):
    """What is to be there. Each document: its fields, its kind as `type`, and `revision`, where it is edited."""

    model_config = ConfigDict(extra="forbid")
    documents: Annotated[list[dict[str, Any]], FailFast()] = Field(min_length=1, max_length=MOST)


@router.post("")
async def put(
    deps: Deps,
    who: Who,
    wish: Documents,
    key: Keyed,
    origin: Annotated[str | None, Header(alias="Tocsin-From")] = None,
) -> JSONResponse:
    """Put up to 500 documents; `results` says of each what became of it, and one that is refused stops none."""
    results = await put_all(deps, who, [_put(body) for body in wish.documents], key, origin)
    return JSONResponse({"results": [_shown(result) for result in results]})


def _put(body: dict[str, Any]) -> Put:
    revision = body.get("revision", 0)
    if not isinstance(revision, int) or isinstance(revision, bool) or not 0 <= revision < 10**18:
        raise Refused(f"`revision` must be a whole number, not {revision!r:.40}")
    return Put(
        str(body.get("type")), {name: value for name, value in body.items() if name != "type"}, revision
    )


def _code(why: Failure) -> str:
    match why:
        case Refused():
            return str(why.code)
        case Unavailable():
            return str(FailureCode.UNAVAILABLE)
    return str(FailureCode.FAILED)


def _shown(result: CommandDecision | Failure) -> dict[str, Any]:
    """As the answer to a document that comes alone would say it."""
    if isinstance(result, Failure):
        return {"status": "refused", "code": _code(result), "detail": str(result)}
    if result.status == "refused":
        code = result.code or RefusalCode.INVALID
        return {"status": "refused", "code": str(code), "detail": result.reason or "refused without a reason"}
    if result.status == "pending":
        open_ = {"status": "pending", "command": result.id, "location": f"/v1/commands/{result.id}"}
        return open_ if result.deadline is None else open_ | {"detail": open_words(result, result.deadline)}
    return {"status": "unchanged" if not result.id else "accepted"}
