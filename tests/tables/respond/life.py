"""A team's inbox in which anything may happen, with somebody at the other end who takes what is sent, or does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from hypothesis import strategies as st

from streams.messages.command import Acknowledge, Principal, Resolve
from streams.messages.receipt import Receipt
from streams.topics import CHANGES, INBOX, NOTIFY
from tables.kernel.output import Output
from tests.tables.respond.harness import RULE, Inbox, verdict

STEPS = [{"notify": "endpoint/one"}, {"after": "2m", "notify": "endpoint/two"}]
DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    *(("endpoint", {"name": name, "channel": "log"}) for name in ("one", "last", "book")),
    ("endpoint", {"name": "two", "channel": "pagerduty", "routing_key": "0123456789abcdef0123456789abcdef"}),
    ("policy", {"name": "p", "repeat": 2, "steps": STEPS, "last_resort": "endpoint/last"}),
    ("route", {"name": "a", "order": 1, "to": "endpoint/book", "continue": True, "group_by": ["rule"]}),
    ("route", {"name": "b", "order": 2, "to": "policy/p", "repeat_interval": "10m"}),
]
ALERTS = 4
SEVERITIES = ("critical", "warning", "info")


class Move(NamedTuple):
    """One thing that happens: what, to which alert, and how."""

    what: str
    n: int = 0
    how: Any = None


numbers, nobody = st.integers(0, ALERTS - 1), st.just(0)


def happens(
    what: str, n: st.SearchStrategy[int] = nobody, how: st.SearchStrategy[Any] | None = None
) -> st.SearchStrategy[Move]:
    """Moves of one sort."""
    return st.builds(Move, st.just(what), n, st.none() if how is None else how)


moves = st.lists(
    st.one_of(
        happens("fires", numbers, st.sampled_from(SEVERITIES)),
        happens("ends", numbers),
        happens("acknowledge", numbers, st.sampled_from(["anna", "ben"])),
        happens("resolve", numbers, st.just("anna")),
        happens("chunk"),
        happens("wait", how=st.sampled_from([1, 30, 120, 300, 3_700])),
    ),
    max_size=25,
)
results = st.lists(st.sampled_from(["delivered", "delivered", "failed", "later"]), min_size=1, max_size=5)


class Sent(NamedTuple):
    """A notification as it was sent, and what becomes of it."""

    body: dict[str, Any]
    result: str


class Life(Inbox):
    """Alerts 0 and 1 are of one gateway, the others of one each; chunks are heard when their move comes."""

    documents = DOCUMENTS

    def __init__(self, outcomes: list[str]) -> None:
        """`outcomes`: what becomes of notifications, one after the other, and again from the first."""
        self.outcomes, self.own = outcomes, list[bytes]()
        self.sent: list[Sent] = []
        self.late: list[Sent] = []  # on its way
        self.reached: dict[tuple[str, str], list[int]] = defaultdict(
            list
        )  # by group and recipient: places in `sent`
        self.out: list[Output] = []
        super().__init__(*self.documents)
        self.sequences = [0] * ALERTS

    def hear(self, raw: bytes, stamp: int) -> list[Output]:
        """Apply one message; what respond says to itself waits, what it says to people is taken."""
        self.log.append((stamp, raw))
        out = self.machine.apply(self.machine.head.seen + 1, stamp, raw)
        assert [output.reason for output in out if output.reason] == []
        self.out += out
        self.own += [output.raw for output in out if output.topic == INBOX]
        for body in [orjson.loads(output.raw) for output in out if output.topic == NOTIFY]:
            if body["kind"] == "cancel":
                self._cancel(body)
            elif body["kind"] == "notification":
                self._take(body)
        return out

    def _take(self, body: dict[str, Any]) -> None:
        sent = Sent(body, self.outcomes[len(self.sent) % len(self.outcomes)])
        self.sent.append(sent)
        self.late.append(sent)

    def _cancel(self, body: dict[str, Any]) -> None:
        of = body["group"], body["to"]
        pending = [each for each in self.late if (each.body["group"], each.body["to"]) == of]
        for each in pending:
            if each.body["what"] != "resolved":
                self.late[self.late.index(each)] = each._replace(result="cancelled")

    def settle(self, everything: bool = False) -> None:
        """Receipts of what was sent come back; what is late only where everything does."""
        while ready := [each for each in self.late if everything or each.result != "later"]:
            for each in ready:
                self.late.remove(each)
                self._receipt(each.body, "delivered" if each.result == "later" else each.result)

    def _receipt(self, body: dict[str, Any], result: Any) -> None:
        if result == "delivered" and body["what"] in ("firing", "escalated", "reminder"):
            places = [place for place, sent in enumerate(self.sent) if sent.body["id"] == body["id"]]
            self.reached[body["group"], body["to"]] += places
        of = {name: body[name] for name in ("team", "group", "to", "what")}
        self.tell(Receipt(
            id=f"r/{body['id']}", at=self.now, notification=body["id"], result=result, reason="so", **of,
        ))  # fmt: skip

    def move(self, move: Move) -> list[Output]:
        """Let one thing happen, and its receipts come back; all that was said meanwhile."""
        first = len(self.out)
        getattr(self, f"_{move.what}")(move)
        self.settle()
        return self.out[first:]

    def end(self) -> None:
        """All is over, all chunks have been heard, and all that was late has come."""
        while self.own:
            self._chunk(Move("chunk"))
        for n in range(ALERTS):
            self.move(Move("ends", n))
        self.settle(everything=True)
        self.move(Move("wait", how=30))
        self.settle(everything=True)

    def fingerprint(self, n: int) -> str:
        """What an alert is about."""
        return f"g{max(n, 1)}|{RULE}|cpu{{n={n}}}"

    def _fires(self, move: Move) -> None:
        self._judge(move.n, "firing", move.how)

    def _ends(self, move: Move) -> None:
        self._judge(move.n, "ok", "warning")

    def _judge(self, n: int, state: str, severity: str) -> None:
        self.sequences[n] += 1
        gateway = f"g{max(n, 1)}"
        self.judge(verdict(
            self.sequences[n], state, severity, fingerprint=self.fingerprint(n), gateway=gateway,
            labels={"n": str(n)}, message=f"cpu {n} is high", since=self.now,
        ))  # fmt: skip

    def _acknowledge(self, move: Move) -> None:
        self.command(Acknowledge(alert=self.fingerprint(move.n)), Principal(name=move.how, admin=True))

    def _resolve(self, move: Move) -> None:
        self.command(Resolve(alert=self.fingerprint(move.n)), Principal(name=move.how, admin=True))

    def _chunk(self, _: Move) -> None:
        if self.own:
            self.hear(self.own.pop(0), self.now)

    def _wait(self, move: Move) -> None:
        end = self.now + 1_000 * move.how
        while self.now < end:
            self.settle(everything=True)
            self.tick(min(self.now + 10_000, end))


def lived(script: list[Move], outcomes: list[str]) -> Iterator[tuple[Life, Move, list[Output]]]:
    """A life move by move, with what was said at each."""
    life = Life(outcomes)
    for move in script:
        yield life, move, life.move(move)


def notes(out: list[Output]) -> list[Any]:
    """What the product's memory keeps of notifications, sent or not."""
    bodies = [orjson.loads(output.raw) for output in out if output.topic == CHANGES]
    return [body for body in bodies if body["subject"] == "notification"]
