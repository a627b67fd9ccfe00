"""What tests of respond share: values to take steps on, and machines with one alert, with many, or slow of hearing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from streams.codes import NotifyReason
from streams.messages.bulk import BulkOperation
from streams.messages.command import Acknowledge, Action, Command, Principal, Resolve
from streams.messages.config import ConfigRevision
from streams.messages.envelope import LARGEST, Message
from streams.messages.tick import Tick
from streams.messages.verdict import Verdict, Verdicts
from streams.signature import Signer, bound
from streams.topics import INBOX, NOTIFY
from tables.kernel.clock import Moment
from tables.kernel.output import Output
from tables.kernel.row import LARGEST_ROW
from tables.respond.alert.lifecycle import Status
from tables.respond.alert.state import Acknowledgement, Alert, Facts, Occurrence, Resolution
from tables.respond.escalation.advance import on_deadline
from tables.respond.escalation.lifecycle import State
from tables.respond.escalation.state import Escalation, EscalationStep, PendingNotice, Unheard
from tables.respond.group.state import Group
from tables.respond.machine import Respond
from tables.respond.oncall.audience import audiences
from tables.respond.route.state import EscalationPlan, PlanStep, RouteKey
from tables.world import KEY
from tests.tables.torture import Log

START = 1_764_547_200_000
RULE = "0b1d6c0e-5a6a-5a0e-9d3c-6b8f4a1c2d3e"
TOGETHER = 20  # verdicts in one message, as detect sends them
GROUP_KEY, ANNA = "t/g", Principal(name="anna", admin=True)
ONE, TWO, LAST = "endpoint/t/one", "endpoint/t/two", "endpoint/t/last"

# Values --------------------------------------------------------------------------------------------------------


def moment(offset: int = 100, active: int = 1_000_000, now: int | None = None) -> Moment:
    """An instant on both clocks; they run side by side from START where `now` does not say otherwise."""
    return Moment(offset, START + active if now is None else now, active)


def facts(**fields: Any) -> Facts:
    """What is known of an alert of team t."""
    known: dict[str, Any] = {
        "fingerprint": "g|rule|cpu", "rule_id": RULE, "rule": "high", "gateway": "g", "labels": {"tool": "x"},
        "message": "cpu is high", "value": 9.0, "runbook": "", "unknown": "", "data_quality": (), "delayed": False,
        "since": START, "anomaly": None, "team": "t", "why_team": "w", "routing": (), "escalation_policy": "",
        "rule_team": "", "moved_to": "",
    }  # fmt: skip
    return Facts(**known | fields)


def alert(status: Status = Status.FIRING, severity: Any = "critical", **fields: Any) -> Alert:
    """An alert that fired at offset 10, acknowledged by anna or over where its status says so."""
    known: dict[str, Any] = {
        "sequence": 1, "facts": facts(), "occurrence": Occurrence("a1", 1, START, 10), "acknowledgeable_after": 10,
        "groups": (GROUP_KEY,), "routes": (RouteKey("default"),), "version": 1,
    }  # fmt: skip
    if status is Status.ACKNOWLEDGED:
        limit = (START + 3_600_000, 3_600_000) if severity == "critical" else (None, None)
        known["acknowledgement"] = Acknowledgement(START, "anna", *limit)
    if status is Status.RESOLVED:
        known["resolution"] = Resolution(START, "", "", "it is over", 9_000_000)
    return Alert(status=status, severity=severity, **known | fields)


def verdict(sequence: int = 2, state: Any = "firing", severity: Any = "critical", **fields: Any) -> Verdict:
    """What detect says of such an alert."""
    known: dict[str, Any] = {
        "fingerprint": "g|rule|cpu", "rule_id": RULE, "rule": "high", "gateway": "g", "labels": {"tool": "x"},
        "at": START, "since": START, "value": 9.0, "message": "cpu is high", "reason": "so it is",
    }  # fmt: skip
    return Verdict(sequence=sequence, state=state, severity=severity, **known | fields)


VERDICTS = Verdicts(id="v", at=START, team="t", why_team="w", verdicts=[])


def operation(offset: int = 50, by: str = "ben", **fields: Any) -> BulkOperation:
    """An acknowledgement whose command lies at an offset."""
    known: dict[str, Any] = {"at": START + 60_000, "now": START + 60_000, "active": 60_000, "chunks": 3}
    return BulkOperation(offset=offset, by=by, **known | fields)


def group(counts: dict[str, int] | None = None, **fields: Any) -> Group:
    """A group with these counts; with one critical alert that fires where nothing else is said."""
    known: dict[str, Any] = {
        "key": GROUP_KEY, "route": RouteKey("default"), "labels": {"rule": "high", "gateway": "g"}, "rule": "high",
        "gateway": "g", "routing": (),
    }  # fmt: skip
    return Group(counts={"firing/critical": 1} if counts is None else counts, **known | fields)


def plan(**fields: Any) -> EscalationPlan:
    """Two steps, five minutes apart, in two rounds, and a last resort."""
    known: dict[str, Any] = {
        "steps": (PlanStep(0, (ONE,)), PlanStep(300_000, (TWO,))), "repeat": 2, "last_resort": (LAST,),
        "why": "policy p",
    }  # fmt: skip
    return EscalationPlan(**known | fields)


def escalation(state: State = State.RUNNING, **fields: Any) -> Escalation:
    """An escalation whose first step has been told; or that is gathering, where its state says so."""
    told = state is not State.GATHERING
    known: dict[str, Any] = {
        "title": "high on g", "plan": plan(), "severity": "critical", "began_at": START,
        "opening": PendingNotice(NotifyReason.FIRST_ALERT, "first alert", 0), "step": 0 if told else -1,
        "next_step_at": 1_060_000 if told else 1_000_000, "notified": (ONE,) if told else (),
        "last_notified_at": 900_000 if told else None, "max_count": 1 if told else 0,
        "step_recipients": (ONE,) if told else (),
    }  # fmt: skip
    return Escalation(state=state, **known | fields)


class NoDocuments:
    """Where nothing is configured: endpoints are reached all the same."""

    def document(self, kind: type[Any], owner: str, name: str) -> Any:
        """There is none."""

    def overrides(self, team: str) -> list[Any]:
        """There are none."""
        return []


def advanced(
    known: Escalation, of: Group, at: Moment, unheard: bool, ack_expired: bool = False
) -> EscalationStep:
    """What is due of an escalation that tells endpoints alone."""
    notice = Unheard(unheard, ack_expired)
    return on_deadline(known, of, at, notice, audiences(NoDocuments(), known.plan, of.severity, at.now))


# Machines ------------------------------------------------------------------------------------------------------


class Inbox:
    """A machine that is configured and caught up; `hear` holds the bounds of every message."""

    def __init__(self, *documents: tuple[str, dict[str, Any]]) -> None:
        """`documents`: the platform's, by type and body."""
        self.machine, self.signer = Respond("respond-0", Signer([KEY])), Signer([KEY])
        self.now, self.most = START, 0  # `most`: outputs of one input, which is what it costs on any machine
        self.log: Log = []
        for type, body in documents:
            self.configure(type, str(body["name"]), 1, body)
        self.configure("", "", 0, None)
        self.tick(START)

    def hear(self, raw: bytes, stamp: int) -> list[Output]:
        """Apply one message, and what the machine then says to itself; nothing may fail."""
        self.log.append((stamp, raw))
        out = self.machine.apply(self.machine.head.seen + 1, stamp, raw)
        self.most = max(self.most, len(out))
        assert [output.reason for output in out if output.reason] == []
        assert max((len(output.raw) for output in out), default=0) < LARGEST
        own = [output.raw for output in out if output.topic == INBOX]
        return out + [later for raw in own for later in self.hear(raw, stamp)]

    def tell(self, message: Message, stamp: int = 0) -> list[Output]:
        """Apply one message of ours."""
        self.now = max(self.now, stamp)
        return self.hear(self.signer.sign(message.encode(), bound(message.kind, INBOX)), self.now)

    def tick(self, stamp: int) -> list[Output]:
        """Time passes."""
        return self.tell(Tick(id="t", at=stamp, processed=stamp), stamp)

    def wait(self, length: int, step: int = 20_000) -> list[Output]:
        """So many ms pass, tick by tick."""
        end, out = self.now + length, list[Output]()
        while self.now < end:
            out += self.tick(min(self.now + step, end))
        return out

    def configure(self, type: str, name: str, revision: int, body: dict[str, Any] | None) -> list[Output]:
        """A document, or without a type that there are no more."""
        of: dict[str, Any] = {"owner": "platform", "type": type, "name": name, "complete": not type}
        return self.tell(ConfigRevision(id=name, at=self.now, revision=revision, body=body, **of))

    def judge(self, *verdicts: Verdict, team: str = "t") -> list[Output]:
        """Detect says this of a team's alerts."""
        id = f"v{len(self.log)}"
        return self.tell(
            Verdicts(id=id, at=self.now, team=team, why_team="w", verdicts=list(verdicts)), self.now
        )

    def command(self, action: Action, by: Principal = ANNA, **fields: Any) -> list[Output]:
        """A person wants something."""
        known: dict[str, Any] = {"id": f"c{len(self.log)}", "at": self.now, "team": "t"}
        return self.tell(Command(by=by, action=action, **known | fields))  # type: ignore[arg-type]

    def alerts(self) -> list[Alert]:
        """All alerts that are remembered."""
        return [row.value for row in self.machine.scan_sorted("alert")]

    def groups(self) -> dict[str, Group]:
        """All groups, by key."""
        return {row.value.key: row.value for row in self.machine.scan_sorted("group")}

    def escalations(self) -> dict[str, Escalation]:
        """All escalations, by the key of their group."""
        rows = self.machine.scan_sorted("escalation")
        return {row.key.removeprefix("escalation/"): row.value for row in rows}

    def written(self) -> int:
        """Write out; the number of rows, each of which is small enough."""
        rows = [raw for _, raw in self.machine.snapshot() if raw is not None]
        assert max(map(len, rows)) < LARGEST_ROW
        return len(rows)


class Crowd(Inbox):
    """Many alerts of one rule and gateway, numbered."""

    def __init__(self, gateway: str = "g", words: str = "") -> None:
        """`words`: stand in the labels and in the message of each."""
        self.gateway, self.words = gateway, words
        super().__init__()

    def verdicts(self, count: int, sequence: int, **fields: Any) -> Iterator[list[Output]]:
        """The alerts fire, or are over, as many in a message as detect says together."""
        for first in range(0, count, TOGETHER):
            some = range(first, min(first + TOGETHER, count))
            yield self.judge(*(self.verdict(n, sequence, **fields) for n in some))

    def verdict(self, n: int, sequence: int, **fields: Any) -> Verdict:
        """What is said of one of them."""
        labels = {"gateway": self.gateway, "n": str(n)} | ({"words": self.words} if self.words else {})
        known: dict[str, Any] = {
            "fingerprint": self.fingerprint(n), "gateway": self.gateway, "labels": labels,
            "message": f"cpu {n} is high {self.words}"[:500],
        }  # fmt: skip
        return verdict(sequence, **known | fields)

    def fingerprint(self, n: int) -> str:
        """What one of them is about."""
        return f"{self.gateway}|{RULE}|cpu{{n={n},{self.words}}}"

    def acknowledge(self, n: int = 0, by: str = "anna") -> list[Output]:
        """Somebody has it."""
        return self.command(Acknowledge(alert=self.fingerprint(n)), Principal(name=by, admin=True))

    def resolve(self, n: int = 0, by: str = "anna") -> list[Output]:
        """Somebody says that one of them is over."""
        return self.command(Resolve(alert=self.fingerprint(n)), Principal(name=by, admin=True))


class Slow(Crowd):
    """A group whose machine hears only later what it says to itself."""

    def __init__(self) -> None:
        """Nothing has been said yet."""
        self.own: list[bytes] = []
        super().__init__()

    def hear(self, raw: bytes, stamp: int) -> list[Output]:
        """Apply and keep one message."""
        self.log.append((stamp, raw))
        out = self.machine.apply(self.machine.head.seen + 1, stamp, raw)
        assert [output.reason for output in out if output.reason] == []
        self.own += [output.raw for output in out if output.topic == INBOX]
        return out

    def carry_on(self) -> list[Output]:
        """One more chunk, if there is one."""
        return self.hear(self.own.pop(0), self.now) if self.own else []

    def finish(self) -> list[Output]:
        """All chunks that are left."""
        out: list[Output] = []
        while self.own:
            out += self.carry_on()
        return out

    def counted(self) -> dict[str, int]:
        """What the only group counts."""
        return next((group.counts for group in self.groups().values()), {})


def count(out: list[Output], topic: str) -> int:
    """How many messages went to a topic."""
    return sum(output.topic == topic for output in out)


def told(out: list[Output], *words: str) -> list[str]:
    """The outputs' bodies that hold all of the words."""
    texts = [output.raw.decode() for output in out]
    return [text for text in texts if all(word in text for word in words)]


def messages(out: list[Output], kind: str, topic: str = NOTIFY) -> list[Any]:
    """The messages of a kind among the outputs to a topic."""
    bodies = [orjson.loads(output.raw) for output in out if output.topic == topic]
    return [body for body in bodies if body["kind"] == kind]


def notifications(out: list[Output]) -> list[Any]:
    """What people are told."""
    return messages(out, "notification")
