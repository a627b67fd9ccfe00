"""Bodies of `POST /v1/alerts` that a translation made: each asked for alone, so that one that is refused stops none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.concurrency import run_in_threadpool

from api.commands.answer import accepted
from api.commands.command_client import CommandDecision, command
from api.commands.idempotency import IdempotencyKey
from api.dependencies import Dependencies
from sources.intake.emitted_alert import emitted_verdict
from streams.access import Permission, require
from streams.documents.document import PLATFORM
from streams.errors import Failure, Refused, Unavailable
from streams.messages.command import Command, Emit, Principal

UNCONFIRMED = "the broker has not confirmed it: send the same again, it counts once"


def own_team(who: Principal) -> str:
    """Whose alerts are that do not say so: the sender's one team, else the platform's."""
    return who.teams[0] if len(who.teams) == 1 else PLATFORM


async def emit_all(deps: Dependencies, who: Principal, bodies: Sequence[dict[str, Any] | Refused]) -> None:
    """Raise or resolve what they say; the first that is refused is raised when all others are done."""
    asked = await run_in_threadpool(lambda: [_command(deps, who, body) for body in bodies])
    commands = [entry for entry in asked if isinstance(entry, Command)]
    outcomes = await deps.command_client.ask_all(commands)
    wrong: list[Failure] = [entry for entry in asked if isinstance(entry, Failure)]
    for outcome in outcomes:
        if isinstance(outcome, Failure):
            wrong.append(outcome)
            continue
        deps.measures.commands.labels(Permission.EMIT.value, outcome.status).inc()
        wrong += failures(outcome)
    if wrong:
        raise wrong[0]


def _command(deps: Dependencies, who: Principal, body: dict[str, Any] | Refused) -> Command | Refused:
    if isinstance(body, Refused):
        return body
    try:
        emitted = emitted_verdict(body, who.name, deps.now())
        require(who, Permission.EMIT, emitted.team)
    except Refused as why:
        return why
    key = IdempotencyKey(emitted.id, "") if emitted.id else None
    return command(Emit(verdict=emitted.verdict), key, deps.now(), who, emitted.team)


def failures(decision: CommandDecision) -> list[Failure]:
    """Why a command did not count, at most one; that it is kept and not decided yet is no failure."""
    try:
        if accepted(decision) or decision.deadline is None:
            return []
    except Failure as why:
        return [why]
    return [Unavailable(UNCONFIRMED)]  # it is worth to be sent again
