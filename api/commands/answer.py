"""A decision as an HTTP answer: what was accepted is shown, what was refused says why, what is open has an address."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse

from api.commands.command_client import CommandDecision
from api.instant import spell
from streams.codes import FailureCode, RefusalCode
from streams.errors import Failure, Refused


def pending(decision: CommandDecision) -> JSONResponse:
    """202 with the address at which the decision will stand, and until when it may take effect if that is open."""
    where = f"/v1/commands/{decision.id}"
    body = {"status": "pending", "command": decision.id, "location": where}
    if decision.deadline is not None:
        body |= {
            "deadline": spell(decision.deadline) or "",
            "detail": open_words(decision, decision.deadline),
        }
    return JSONResponse(body, 202, {"Location": where})


def open_words(decision: CommandDecision, now: int) -> str:
    """What may still become of a command that the broker has not confirmed; `now` in ms."""
    assert decision.deadline is not None
    if now <= decision.deadline:
        until = spell(decision.deadline)
        return (
            f"the broker has not confirmed it: it is carried out if it arrives by {until}, else it is refused"
        )
    return "the broker has not confirmed it by its deadline: if it still arrives, it is refused; ask again"


def accepted(decision: CommandDecision) -> bool:
    """True: accepted. False: not decided yet. Refused where respond has refused it, with its reason and code."""
    if decision.code is FailureCode.FAILED:
        raise Failure(decision.reason or "respond has failed on it: its log says why")
    if decision.status == "refused":
        raise Refused(
            decision.reason or "refused without a reason", RefusalCode(decision.code or RefusalCode.INVALID)
        )
    return decision.status == "accepted"


def found(value: Any, what: str) -> Any:
    """The value; Refused names what is missing, or is not for who asks."""
    if value is None:
        words = f"there is no {what:.80}, or it belongs to a team that you are not in"
        raise Refused(words, RefusalCode.NOT_FOUND)
    return value
