"""A decision as an HTTP answer: what was accepted is shown, what was refused says why, what is open has an address."""

from __future__ import annotations

from typing import Any

from fastapi import HTTPException
from fastapi.responses import JSONResponse

from api.commands.command_client import CommandDecision
from api.instant import spell

# How respond words its refusals; what is not among them is for the sender to change.
FAULTS = (
    ("conflict: ", 409),
    ("resolved already", 409),
    ("after its deadline", 409),
    ("nothing to acknowledge", 409),
    ("fired again since", 409),
    (" has no alert ", 404),
    ("does not exist", 404),
    ("neither an administrator", 403),
)


def status_of(reason: str) -> int:
    """The status of a refusal by its words: 409 where something has changed since, 404 gone, else 422."""
    return next((status for mark, status in FAULTS if mark in reason), 422)


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
    """True: accepted. False: not decided yet. A refusal is raised as its HTTP answer."""
    if decision.status == "refused":
        words = decision.reason.removeprefix("conflict: ").removeprefix("refused: ")
        raise HTTPException(status_of(decision.reason), words or "refused without a reason")
    return decision.status == "accepted"


def found(value: Any, what: str) -> Any:
    """The value, or 404 that names what is missing."""
    if value is None:
        raise HTTPException(404, f"there is no {what:.80}, or it belongs to a team that you are not in")
    return value
