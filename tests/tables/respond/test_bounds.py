"""However many alerts a group has, and however long their words are: rows and messages stay small."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tables.respond.line import CUT
from tables.respond.order import PORTION

from streams.messages.command import Command, Principal
from streams.messages.config import ConfigRevision
from streams.messages.envelope import LARGEST, Message
from streams.messages.tick import Tick
from streams.messages.verdict import Verdict, Verdicts
from streams.signature import Signer, bound
from streams.topics import CHANGES, INBOX, NOTIFY
from tables.detect.verdicts import TOGETHER
from tables.kernel.output import Output
from tables.kernel.row import LARGEST_ROW
from tables.respond.machine import Respond
from tables.world import KEY

START = 1_764_547_200_000
MANY = 100_000
RULE = "0b1d6c0e-5a6a-5a0e-9d3c-6b8f4a1c2d3e"


class Crowd:
    """One group of alerts; `say` holds the bounds of every message, `written` those of every row."""

    def __init__(self, gateway: str = "g", words: str = "") -> None:
        self.machine, self.signer, self.gateway, self.words = (
            Respond("r", Signer([KEY])),
            Signer([KEY]),
            gateway,
            words,
        )
        self.most = 0  # outputs of one input: what it costs, on any machine
        self.configure("", "", 0, None)
        self.tick()

    def say(self, said: Message, stamp: int = START) -> list[Output]:
        """Apply one message, and what the machine then says to itself; nothing may fail."""
        return self.hear(self.signer.sign(said.encode(), bound(said.kind, INBOX)), stamp)

    def hear(self, raw: bytes, stamp: int) -> list[Output]:
        """The same of bytes."""
        out = self.machine.apply(self.machine.head.seen + 1, stamp, raw)
        self.most = max(self.most, len(out))
        assert [one.reason for one in out if one.reason] == []
        assert max((len(one.raw) for one in out), default=0) < LARGEST
        own = [one.raw for one in out if one.topic == INBOX]
        return out + [later for raw in own for later in self.hear(raw, stamp)]

    def tick(self, stamp: int = START) -> list[Output]:
        """Time passes."""
        return self.say(Tick(id="t", at=stamp, processed=stamp), stamp)

    def configure(self, type: str, name: str, revision: int, body: dict[str, Any] | None) -> None:
        """A document, or without a type that there are no more."""
        of: dict[str, Any] = {"owner": "platform", "type": type, "name": name, "complete": not type}
        self.say(ConfigRevision(id=name, at=START, revision=revision, body=body, **of))

    def verdicts(self, count: int, turn: int, **fields: Any) -> Iterator[list[Output]]:
        """The alerts fire, or are over, as many in a message as detect says together."""
        for first in range(0, count, TOGETHER):
            some = [self.verdict(n, turn, **fields) for n in range(first, min(first + TOGETHER, count))]
            yield self.say(Verdicts(id=f"v{turn}/{first}", at=START, team="t", why_team="w", verdicts=some))

    def verdict(self, n: int, turn: int, **fields: Any) -> Verdict:
        """One of them."""
        labels = {"gateway": self.gateway, "n": str(n)} | ({"words": self.words} if self.words else {})
        known: dict[str, Any] = {
            "instance": f"{self.gateway}|{RULE}|cpu{{n={n},{self.words}}}", "rule_id": RULE, "rule": "high",
            "severity": "critical", "gateway": self.gateway, "labels": labels, "value": 9, "reason": "so it is",
            "message": f"cpu {n} is high {self.words}"[:500], "state": "firing",
        }  # fmt: skip
        return Verdict(turn=turn, at=START, since=START, **known | fields)

    def command(self, do: Any, n: int = 0) -> list[Output]:
        """A person acts on one alert."""
        alert, by = self.verdict(n, 1).instance, Principal(name="anna", admin=True)
        return self.say(Command(id=f"{do}/{n}", at=START, do=do, team="t", by=by, alert=alert))

    def written(self) -> int:
        """Write out; the number of rows."""
        rows = [raw for _, raw in self.machine.snapshot() if raw is not None]
        assert max(map(len, rows)) < LARGEST_ROW
        return len(rows)


def told(out: list[Output], topic: str) -> int:
    """How many messages went to a topic."""
    return sum(one.topic == topic for one in out)


@pytest.mark.timeout(600)
def test_a_hundred_thousand_alerts_in_one_group() -> None:
    """They page once, one acknowledgement covers all of them in portions, and one resolution touches only one."""
    crowd = Crowd()
    assert sum(told(out, NOTIFY) for out in crowd.verdicts(MANY, 1)) == 1
    assert crowd.written() > MANY
    covered = crowd.command("acknowledge")
    assert (told(covered, CHANGES), crowd.written() > MANY) == (MANY + 1, True)
    assert crowd.most < 1.3 * PORTION
    assert told(crowd.command("resolve", MANY - 1), CHANGES) == 2
    over = [out for outs in crowd.verdicts(MANY, 2, state="ok") for out in outs]
    assert crowd.written() > MANY
    assert told(over, CHANGES) >= MANY - 1
    assert not list(crowd.machine.scan_sorted("7"))


@pytest.mark.parametrize("words", ["x" * 1_000, "\\" * 1_000, "\N{FIRE}" * 1_000, "\x01" * 1_000], ids=ascii)
def test_the_longest_words(words: str) -> None:
    """Labels as long as a series may be are shortened in notifications, which say so."""
    crowd = Crowd("\N{FIRE}" * 256, words)
    out = [one for outs in crowd.verdicts(100, 1) for one in outs]
    out += crowd.tick(START + 1_000)
    said = [one.raw for one in out if one.topic == NOTIFY]
    assert said
    crowd.command("acknowledge")
    crowd.command("resolve")
    assert crowd.written() > 100
    later = [
        one.raw for outs in crowd.verdicts(100, 2, severity="critical") for one in outs if one.topic == NOTIFY
    ]
    assert all(CUT.encode() in raw for raw in later)


def test_the_longest_policy() -> None:
    """A policy that names more targets than a row can hold tells those that fit, and says how many it does not."""
    crowd, names = Crowd(), [f"{n:03}{'e' * 97}" for n in range(400)]
    for name in names:
        crowd.configure("endpoint", name, 1, {"name": name, "channel": "log"})
    steps = [
        {"after": "1m", "notify": [f"endpoint/{name}" for name in names[n : n + 20]]}
        for n in range(0, 400, 20)
    ]
    crowd.configure("policy", "default", 1, {"name": "default", "steps": steps})
    out = [one for outs in crowd.verdicts(100, 1) for one in outs]
    for second in range(1, 3_600):
        out += crowd.tick(START + 1_000 * second)
    assert any(b"targets are not told" in one.raw for one in out)
    assert told(out, NOTIFY) > 50
    assert crowd.written() > 100
