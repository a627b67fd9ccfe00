"""Asking for a change: a command goes to the inbox, and the answer is what the projection shows of it.

The API writes no state. The machine that owns the team decides; its decision comes back through `changes`
and the read model. Whoever does not see it in time gets an address to look at (202), never a guess.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal, NamedTuple

from api.commands.idempotency import IdempotencyKey, identified
from api.commands.inbox import Inbox
from streams.codes import FailureCode, RefusalCode
from streams.errors import Failure, Refused, Unconfirmed
from streams.messages.command import AnyAction, Command, Principal

DECISION_TIMEOUT = 2.0  # seconds that a person waits before 202
LARGEST = 100_000  # bytes of a command: its row must fit as well
USED = "this Idempotency-Key was used for another command: take a new one"
AFTER = 0.5  # seconds in which a decision follows its effect into the read model
LIVES = 30_000  # ms in which a command must be recorded; more than two clocks differ, less than anybody waits
REMEMBERED = 1_000  # commands that nobody has confirmed, whose senders may look for them
LOOK = 0.04  # seconds between two looks at the read model
LOOK_ALL = 0.1  # the same, for the decisions on many commands


class CommandDecision(NamedTuple):
    """What became of a command. `code` and `reason` say why it was refused; `at`: ms of the decision."""

    id: str
    status: Literal["accepted", "refused", "pending"]
    reason: str = ""
    by: str = ""
    team: str = ""
    at: int | None = None
    code: RefusalCode | FailureCode | None = None  # why it was refused, for programs
    do: str = ""  # what was asked; empty of a command of before
    digest: str = ""  # of the request; empty of a command of before, or without a key of its sender's
    repeated: bool = False  # whether it stood already when the command was asked for
    deadline: int | None = (
        None  # ms; pending, and the broker has not confirmed it: recorded later it is refused
    )


Look = Callable[[str], Awaitable[CommandDecision | None]]
LookAll = Callable[[Sequence[str]], Awaitable[dict[str, CommandDecision]]]


class CommandClient:
    """Sends commands and waits for their decisions."""

    def __init__(
        self, inbox: Inbox, look: Look, patience: float = DECISION_TIMEOUT, look_all: LookAll | None = None
    ) -> None:
        """`look` reads a command's decision from the projection, None while there is none; `look_all` those of many."""
        self._inbox, self._look, self._patience = inbox, look, patience
        self._look_all = look_all or self._each
        self._unconfirmed: dict[str, CommandDecision] = {}

    async def ask(self, command: Command) -> CommandDecision:
        """The decision; a command whose id was decided before is not sent again."""
        known = await self._look(command.id)
        if known is not None:
            return _same(known, command)._replace(repeated=True)
        sent = await self._send(command)
        if sent.deadline is not None:
            return sent
        decision = await self._seen(command.id, self._patience)
        return sent if decision is None else _same(decision, command)  # of two under one key one was decided

    async def ask_all(self, commands: Sequence[Command]) -> list[CommandDecision | Failure]:
        """The decisions on many commands, each as if it had been asked for alone; what failed alone fails alone."""
        known = await self._look_all([command.id for command in commands])
        new = [command for command in commands if command.id not in known]
        sent = await asyncio.gather(*(self._send(command) for command in new), return_exceptions=True)
        outcomes: dict[str, Any] = {command.id: of for command, of in zip(new, sent, strict=True)}
        open_ = [
            id_ for id_, of in outcomes.items() if isinstance(of, CommandDecision) and of.deadline is None
        ]
        outcomes |= await self._decided(open_)
        return [_outcome(known.get(command.id), outcomes.get(command.id), command) for command in commands]

    async def _decided(self, ids: list[str]) -> dict[str, CommandDecision]:
        """The decisions that the projection shows in time."""
        loop = asyncio.get_running_loop()
        until, decisions = loop.time() + self._patience, dict[str, CommandDecision]()
        while ids and loop.time() < until:
            decisions |= await self._look_all(ids)
            ids = [id_ for id_ in ids if id_ not in decisions]
            if ids:
                await asyncio.sleep(LOOK_ALL)
        return decisions

    async def _each(self, ids: Sequence[str]) -> dict[str, CommandDecision]:
        decisions = {id_: await self._look(id_) for id_ in ids}
        return {id_: decision for id_, decision in decisions.items() if decision is not None}

    async def _send(self, command: Command) -> CommandDecision:
        """The command as one that is open; with its deadline, where the broker has not confirmed it."""
        if (size := len(command.encode())) > LARGEST:
            raise Refused(f"this is {size} bytes, and one document or note may have {LARGEST}: shorten it")
        open_ = CommandDecision(command.id, "pending", by=command.by.name, team=command.team)
        try:
            await self._inbox.send(command)
        except Unconfirmed:
            return self._remember(open_._replace(deadline=command.deadline))
        return open_

    def _remember(self, open_: CommandDecision) -> CommandDecision:
        while len(self._unconfirmed) >= REMEMBERED:
            del self._unconfirmed[next(iter(self._unconfirmed))]
        self._unconfirmed[open_.id] = open_
        return open_

    async def decided(self, id: str) -> CommandDecision | None:
        """What is known of a command: its decision, or that the broker has not confirmed it; else None."""
        return await self._look(id) or self._unconfirmed.get(id)

    async def earlier(self, key: IdempotencyKey | None, by: Principal) -> CommandDecision | None:
        """What this person's command under this Idempotency-Key brought, for what it was about may be gone since."""
        decision = await self._seen(key.id, AFTER) if key else None
        if decision is None or key is None or decision.by != by.name:
            return None
        if decision.digest != key.digest:
            raise Refused(USED, RefusalCode.KEY_REUSED)
        return decision

    async def _seen(self, id: str, within: float) -> CommandDecision | None:
        """The decision, if the projection shows it within so many seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        decision = await self._look(id)
        while decision is None and loop.time() < until:
            await asyncio.sleep(LOOK)
            decision = await self._look(id)
        return decision

    async def stop(self) -> None:
        """Close the way to the inbox."""
        await self._inbox.stop()


def _outcome(known: CommandDecision | None, outcome: Any, command: Command) -> CommandDecision | Failure:
    """What became of one of many: its first answer, its decision, or why it failed; what is a bug is raised."""
    try:
        if known is not None:
            return _same(known, command)._replace(repeated=True)
        if isinstance(outcome, CommandDecision):
            return outcome if outcome.status == "pending" else _same(outcome, command)
    except Refused as why:
        return why
    if isinstance(outcome, Failure):
        return outcome
    raise outcome


def _same(known: CommandDecision, command: Command) -> CommandDecision:
    """A repeat gets the first answer; another's, or another command's, key is a conflict."""
    other = known.digest not in ("", command.digest) or known.do not in ("", command.action.do)
    if known.by != command.by.name or known.team not in ("", command.team) or other:
        raise Refused(USED, RefusalCode.KEY_REUSED)
    return known


def command(action: AnyAction, key: IdempotencyKey | None, now: int, by: Principal, team: str) -> Command:
    """The command of a request; `now` in ms. It carries the principal, since the machine decides again."""
    id, digest = identified(key)
    return Command(id=id, digest=digest, at=now, action=action, team=team, by=by, deadline=now + LIVES)
