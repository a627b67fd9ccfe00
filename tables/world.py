"""All three machines in memory, linked as Kafka links them: for tests, rule trials and backtests.

One partition a stage, one clock, and a receiver that stands for the sinks. The same inputs give the same
outputs, byte for byte, as the stages give on Kafka for the same log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from typing import Any, NamedTuple

import orjson

from streams.documents.document import Owned
from streams.messages.attempt import Attempt, Outcome, Result
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.tick import Tick
from streams.signature import Signer, bound
from streams.topics import CHANGES, CONFIG, DEAD_LETTER, NOTIFY, STAGES
from tables import stages
from tables.kernel.configuration import Configured
from tables.kernel.output import Output

KEY = b"the world has one key of its own"
TICK = 1_000  # ms
_TOLD = ("subject", "what", "team", "reason_code", "reason", "by", "group")
_CALLED = ("what", "to", "severity", "title", "count", "delayed", "reason_code", "reason", "group")
_SHOWN = ("id", "rule", "severity", "status", "message", "value", "labels", "gateway", "delayed", "groups")


class Answer(NamedTuple):
    """What the receiver makes of an attempt. `took`: ms until its outcome is known."""

    result: Result = "delivered"
    reason: str = "taken"
    took: int = 20
    reference: str = ""  # for the group's next attempt


def taken(_: Attempt) -> Answer | None:
    """The receiver that takes everything."""
    return Answer()


class World:
    """`log` keeps every message as (ms, topic, key, bytes); `timeline` says in words what happened."""

    def __init__(
        self,
        documents: Iterable[Owned] = (),
        start: int = 0,
        receive: Callable[[Attempt], Answer | None] = taken,
        tick: int = TICK,
    ) -> None:
        """`receive`: what becomes of each attempt, None for an outcome that never comes; `start`: ms UTC."""
        self.signer, self.receive, self.tick = Signer([KEY]), receive, tick
        self.machines: dict[str, Configured] = {
            name: kind(f"{name}-0", self.signer) for name, kind in stages.STAGES.items()
        }
        self.topics = {topic: name for name, topic in STAGES.items()}
        self.now, self._next_tick, self._count = start, start, 0
        self.away: set[str] = set()
        self.log: list[tuple[int, str, str, bytes]] = []
        self.timeline: list[dict[str, Any]] = []
        self._waiting: list[tuple[int, int, str, str, bytes]] = []
        self._backlog: dict[str, list[tuple[int, bytes]]] = {name: [] for name in self.machines}
        given = {(document.team, document.type, document.name): document.body() for document in documents}
        self.given = frozenset(given)  # nobody has put them: a first edit is the second revision
        for (team, type_, name), body in sorted(given.items(), key=lambda item: item[0]):
            self.configure(team, type_, name, 1, body)
        self.configure("", "", "", 0, None)

    def configure(self, owner: str, type: str, name: str, revision: int, body: dict[str, Any] | None) -> None:
        """Tell every stage that needs it of a document; without a type, that all have been told."""
        for stage, machine in self.machines.items():
            if not type or type in machine.kinds:
                config = ConfigRevision(
                    id=f"config/{owner}/{type}/{name}/{revision}", at=self.now, owner=owner, type=type, name=name,
                    revision=revision, body=body, complete=not type,
                )  # fmt: skip
                self.tell(self.now, STAGES[stage], "", config)

    def say(self, at: int, topic: str, key: str, raw: bytes) -> None:
        """Put bytes on a topic at an instant, ms, as an outside producer might."""
        self._count += 1
        heappush(self._waiting, (at, self._count, topic, key, raw))

    def tell(self, at: int, topic: str, key: str, message: Message) -> None:
        """Put one signed message on a topic at an instant, as the system itself would."""
        self.say(at, topic, key, self.signer.sign(message.encode(), bound(message.kind, topic)))

    def run(self, inputs: Iterable[tuple[int, str, str, bytes]], until: int) -> list[dict[str, Any]]:
        """Say all inputs (ms, topic, key, bytes) and let time pass until then; the timeline so far."""
        for at, topic, key, raw in inputs:
            self.say(at, topic, key, raw)
        self.advance(until)
        return self.timeline

    def advance(self, until: int) -> None:
        """Let time pass, tick by tick and message by message."""
        while True:
            due = self._waiting[0][0] if self._waiting else until + 1
            if min(due, self._next_tick) > until:
                break
            if due <= self._next_tick:
                at, _, topic, key, raw = heappop(self._waiting)
                self.now = max(self.now, at)
                self._arrive(topic, key, raw)
            else:
                self.now = max(self.now, self._next_tick)
                self._next_tick += self.tick
                self._tick()
        self.now = max(self.now, until)

    def leave(self, *names: str) -> None:
        """Those stages are away: their logs grow, nobody ticks."""
        self.away |= set(names)

    def come_back(self, *names: str) -> None:
        """They are back and work off what came meanwhile."""
        for name in names:
            self.away.discard(name)
            for stamp, raw in self._take(self._backlog, name):
                self._apply(name, stamp, raw)

    @staticmethod
    def _take(backlog: dict[str, list[tuple[int, bytes]]], name: str) -> list[tuple[int, bytes]]:
        waiting, backlog[name] = backlog[name], []
        return waiting

    def _tick(self) -> None:
        tick = Tick(id=f"tick/{self.now}", at=self.now, processed=self.now).encode()
        for stage in self.machines:
            if stage not in self.away:
                self._arrive(STAGES[stage], "", self.signer.sign(tick, STAGES[stage]))

    def _arrive(self, topic: str, key: str, raw: bytes) -> None:
        self.log.append((self.now, topic, key, raw))
        stage = self.topics.get(topic)
        if stage in self.away:
            self._backlog[stage].append((self.now, raw))
        elif stage is not None:
            self._apply(stage, self.now, raw)

    def _apply(self, stage: str, stamp: int, raw: bytes) -> None:
        machine = self.machines[stage]
        for output in machine.apply(machine.head.seen + 1, stamp, raw):
            self._pass_on(output)

    def _pass_on(self, output: Output) -> None:
        if output.topic in self.topics:
            self.say(self.now, output.topic, output.key, output.raw)
            return
        self.log.append((self.now, output.topic, output.key, output.raw))
        if output.topic == DEAD_LETTER:
            why = {"what": "refused", "id": output.id, "reason": output.reason}
            self.timeline.append({"at": self.now, "subject": "dead-letter", **why})
            return
        message = orjson.loads(output.raw)
        if output.topic == CONFIG:
            what = owner, type_, name = message["owner"], message["type"], message["name"]
            self.configure(owner, type_, name, message["revision"] + (what in self.given), message["body"])
        elif output.topic == CHANGES:
            self.timeline.append(_told(self.now, message))
        else:
            self._attempt(Attempt.parse(output.raw))

    def _attempt(self, attempt: Attempt) -> None:
        notification = attempt.notification
        self.timeline.append(
            {"at": self.now, "subject": "call", "channel": attempt.channel, "number": attempt.number}
            | {name: getattr(notification, name) for name in _CALLED}
            | {"notification": notification.id}
        )
        answer = self.receive(attempt)
        if answer is None:
            return
        outcome = Outcome(
            id=f"{notification.id}#{attempt.number}#outcome", at=self.now + answer.took,
            to=notification.to, notification=notification.id, number=attempt.number,
            result=answer.result, reason=answer.reason, took=answer.took, reference=answer.reference,
        )  # fmt: skip
        self.tell(self.now + answer.took, NOTIFY, notification.to, outcome)


def _told(now: int, message: dict[str, Any]) -> dict[str, Any]:
    entry = {"at": now, **{name: message[name] for name in _TOLD}}
    if message["subject"] == "alert":
        entry |= {name: message["alert"].get(name) for name in _SHOWN}
    return {name: value for name, value in entry.items() if value not in ("", None)}
