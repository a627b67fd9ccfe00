"""What is remembered of a dispatch, and what a step makes of it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from streams.messages.notification import Purpose
from tables.deliver.dispatch.lifecycle import OVER, DeliveryState

OUTCOME_TIMEOUT = 30_000  # ms on the active clock that an outcome may take
RETENTION = 3_600_000  # ms on the active clock that a finished dispatch is remembered, for late duplicates


class Held(msgspec.Struct, frozen=True):
    """Where a dispatch waits, or which ones a bundle stands for: numbers `first` to `last` of a recipient's queue.

    `composed`: the input at which the bundle was put together last.
    """

    queue: str
    first: int
    last: int
    composed: int = -1


class Dispatch(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a dispatch. `number`: of its newest attempt; `due_at`: of the next thing, ms on the active clock.

    `deadline`: ms UTC after which another attempt is of no use; `via`: the endpoint of that attempt, `team/name`.
    `ended`: the input at which it was cancelled.
    """

    to: str
    team: str
    group: str
    notification: str  # its id
    what: Purpose
    deadline: int
    state: DeliveryState
    due_at: int
    number: int = 0
    via: str = ""
    held: Held | None = None
    ended: int = -1


class DispatchChange(NamedTuple):
    """A line in the product's memory: of the notification as a whole, or of one attempt.

    `until`: how long that holds, ms UTC; `document`: what says so.
    """

    subject: Literal["notification", "attempt"]
    what: str
    code: str  # streams.codes, or streams.outcome_code of the outcome
    reason: str
    until: int | None = None
    document: str = ""


class DispatchStep(NamedTuple):
    """What a step made of a dispatch. `finished`: respond hears of it; `transient`: it failed for now only.

    `bundle`: the id of the message in which it was told with others.
    """

    after: Dispatch
    change: DispatchChange
    finished: bool = False
    transient: bool = False
    bundle: str = ""


def deadline(dispatch: Dispatch) -> int | None:
    """When the next attempt, the end of waiting for an outcome, or the end of the row is due."""
    return dispatch.due_at


def index(dispatch: Dispatch) -> tuple[str, ...]:
    """What can be cancelled is looked for by recipient and group, what waits by its endpoint, what is held by queue."""
    names: list[str] = []
    if dispatch.held is not None and dispatch.what != "bundle":
        names.append(queue_name(dispatch.to, dispatch.held.queue))
    if dispatch.state in OVER:
        return tuple(names)
    if dispatch.what not in ("resolved", "bundle"):
        names.append(pending_name(dispatch.to, dispatch.group))
    if dispatch.state is DeliveryState.WAITING and dispatch.what == "acknowledged" and not dispatch.number:
        names.append(answers_name(dispatch.to))
    if dispatch.state is DeliveryState.WAITING and dispatch.via:
        names.append(via_name(dispatch.via))
    return tuple(names)


def pending_name(to: str, group: str) -> str:
    """Under which name the pending dispatches of a group for a recipient are looked for."""
    return f"{to}|{group}"


def answers_name(to: str) -> str:
    """Under which name the acknowledgements that a recipient is told of are looked for."""
    return f"{to}|answers"


def queue_name(to: str, queue: str) -> str:
    """Under which name what is, or was, held in a queue of a recipient is looked for."""
    return f"{to}|held|{queue}"


def via_name(endpoint: str) -> str:
    """Under which name what waits for its next attempt by an endpoint, `team/name`, is looked for."""
    return f"via|{endpoint}"
