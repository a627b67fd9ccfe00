"""Acknowledgements that go through a large group in portions, while other things happen to it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from tables.respond.lifecycle import Status

from streams.messages.command import Command, Principal
from streams.messages.envelope import Message
from streams.messages.verdict import Verdicts
from streams.signature import bound
from streams.topics import INBOX
from tables.kernel.output import Output
from tables.respond import order
from tables.respond.machine import Respond
from tests.tables.respond.test_bounds import START, Crowd
from tests.tables.torture import Log, faults

COUNT = 12  # alerts of the group


class Slow(Crowd):
    """A group whose machine hears only later what it says to itself."""

    def __init__(self) -> None:
        self.log: Log = []
        self.own: list[bytes] = []
        self.now = START
        super().__init__()

    def hear(self, raw: bytes, stamp: int) -> list[Output]:
        """Apply and keep one message."""
        self.log.append((stamp, raw))
        out = self.machine.apply(self.machine.head.seen + 1, stamp, raw)
        assert [one.reason for one in out if one.reason] == []
        self.own += [one.raw for one in out if one.topic == INBOX]
        return out

    def carry_on(self) -> list[Output]:
        """One more portion, if there is one."""
        return self.hear(self.own.pop(0), self.now) if self.own else []

    def person(self, name: str, do: Any, n: int) -> list[Output]:
        """Somebody commands."""
        alert, by = self.verdict(n, 1).instance, Principal(name=name, admin=True)
        id = f"{do}/{name}/{n}/{len(self.log)}"
        return self.say(Command(id=id, at=self.now, do=do, team="t", by=by, alert=alert), self.now)

    def say(self, said: Message, stamp: int = START) -> list[Output]:
        """Apply one message of ours."""
        return self.hear(self.signer.sign(said.encode(), bound(said.kind, INBOX)), max(stamp, self.now))

    def counted(self) -> dict[str, int]:
        """What the group counts."""
        return next((dict(row.value["counts"]) for row in self.machine.scan_sorted("7")), {})

    def standing(self) -> list[dict[str, Any]]:
        """How each alert stands."""
        return [row.value for row in self.machine.scan_sorted("4")]


def told(out: list[Output], *words: str) -> list[str]:
    """The outputs' bodies that hold all of the words."""
    texts = [one.raw.decode() for one in out]
    return [text for text in texts if all(word in text for word in words)]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Portions of few alerts, said again after seconds."""
    monkeypatch.setattr(order, "PORTION", 3)
    monkeypatch.setattr(order, "OVERDUE", 20_000)


def acknowledged(severity: str = "critical") -> tuple[Slow, list[Output]]:
    """A group of which anna has just said that she has it."""
    crowd = Slow()
    for _ in crowd.verdicts(COUNT, 1, severity=severity):
        pass
    crowd.tick(START + 1_000)
    return crowd, crowd.person("anna", "acknowledge", 0)


def test_the_group_has_somebody_at_once() -> None:
    """The person hears how many; the alert that was named and all that people are told stand as if all had obeyed."""
    crowd, out = acknowledged()
    assert told(out, '"result":"accepted"', f"acknowledged {COUNT} alerts")
    assert crowd.counted() == {"acknowledged/critical": COUNT}
    assert len(told(out, '"kind":"cancel"')) == 1
    assert sum(one["status"] == Status.ACKNOWLEDGED for one in crowd.standing()) == 1


def test_each_alert_follows_with_who_and_why() -> None:
    """Portion by portion, as of the moment of the command."""
    crowd, out = acknowledged()
    portions = 0
    crowd.now += 5_000
    while crowd.own:
        out, portions = out + crowd.carry_on(), portions + 1
    assert portions > 2
    assert len(told(out, '"what":"acknowledged"', '"subject":"alert"', "anna acknowledged")) == COUNT
    assert {one["acknowledged_at"] for one in crowd.standing()} == {START + 1_000}


def test_what_joins_in_between_is_told_alone() -> None:
    """Alerts that stand as acknowledged are not counted among those that nobody has."""
    crowd, _ = acknowledged()
    crowd.now += 10_000
    new = [crowd.verdict(COUNT, 1)]

    crowd.say(Verdicts(id="new", at=crowd.now, team="t", why_team="w", verdicts=new), crowd.now)
    out = crowd.tick(crowd.now + 1_000)
    assert crowd.counted() == {"acknowledged/critical": COUNT, "firing/critical": 1}
    assert not told(out, '"kind":"notification"', f'"count":{COUNT + 1}')
    while crowd.own:
        crowd.carry_on()
    assert crowd.counted() == {"acknowledged/critical": COUNT, "firing/critical": 1}


def test_who_comes_second_comes_after() -> None:
    """Each alert of something critical was anna's first and is ben's then."""
    crowd, out = acknowledged()
    out += crowd.person("ben", "acknowledge", 5)
    while crowd.own:
        out += crowd.carry_on()
    assert len(told(out, '"what":"acknowledged"', '"subject":"alert"', "anna")) >= COUNT - 1
    assert {one["acknowledged_by"] for one in crowd.standing()} == {"ben"}


def test_a_second_word_about_warnings_is_refused() -> None:
    """They have somebody; only the one that is named, where its turn has not come yet, is taken over at once."""
    crowd, _ = acknowledged("warning")
    assert told(crowd.person("ben", "acknowledge", 0), '"result":"refused"', "nothing to acknowledge")
    out = crowd.person("ben", "acknowledge", 1)
    assert told(out, '"result":"accepted"', '"acknowledged 1 alert"')
    assert crowd.counted() == {"acknowledged/warning": COUNT}
    while crowd.own:
        crowd.carry_on()
    assert [one["acknowledged_by"] for one in crowd.standing()].count("ben") == 1


def test_a_fifth_covers_the_one_that_was_named() -> None:
    """Four orders wait: the named alert obeys by itself, and the others may be asked for again in a moment."""
    crowd, _ = acknowledged()
    for name in "bcd":
        crowd.person(name, "acknowledge", 1)
    out = crowd.person("eve", "acknowledge", 2)
    assert told(out, '"result":"accepted"', "acknowledged 1 alert; 4 acknowledgements of this group")
    assert [one["acknowledged_by"] for one in crowd.standing()].count("eve") == 1
    out = crowd.person("eve", "acknowledge", COUNT)  # there is no such alert
    assert told(out, '"result":"refused"', "4 acknowledgements of this group are under way")


def test_a_portion_that_is_lost_is_said_again() -> None:
    """What was refused, or failed as a whole, holds up the order for a while, and not for ever."""
    crowd, _ = acknowledged()
    crowd.own.clear()
    for _ in range(25):
        crowd.now += 1_000
        crowd.tick(crowd.now)
    while crowd.own:
        crowd.carry_on()
    assert {one["acknowledged_by"] for one in crowd.standing()} == {"anna"}
    assert not order.under_way(next(crowd.machine.scan_sorted("7")))


def test_an_alert_that_fails_at_obeying_is_counted_as_it_is() -> None:
    """It goes to the dead letters, people are told of it again, and the group ends with it."""
    crowd, _ = acknowledged()
    bad = next(row for row in crowd.machine.scan_sorted("4") if row.value["status"] == Status.FIRING)
    version, bad.value["version"] = bad.value["version"], "damaged"
    while crowd.own:
        out = crowd.machine.apply(crowd.machine.head.seen + 1, crowd.now, crowd.own.pop(0))
        crowd.own += [one.raw for one in out if b'"kind":"portion"' in one.raw]
    assert crowd.counted() == {"acknowledged/critical": COUNT - 1, "firing/critical": 1}
    bad.value["version"] = version
    for _ in crowd.verdicts(COUNT, 2, state="ok"):
        pass
    assert not list(crowd.machine.scan_sorted("7"))


def life(seed: int) -> Slow:
    """A random life of a group; what the machine says to itself comes some time later: every fourth life, very late.

    Every second life knows warnings only, which a second person need not acknowledge.
    """
    rnd, crowd, turns = random.Random(seed), Slow(), dict.fromkeys(range(COUNT), 0)
    severities = ["warning"] if seed % 2 else ["warning", "critical"]
    slow, eager = (0.97, 0.5) if seed % 4 > 1 else (0.6, 0.4)
    for step in range(150):
        crowd.now += 1_000
        what, n = rnd.random(), rnd.randrange(COUNT)
        state, severity = rnd.choice(["firing", "firing", "ok"]), rnd.choice(severities)
        if what < 0.3:
            turns[n] += 1
            _verdict(crowd, n, turns[n], state, severity)
        elif what < eager:
            crowd.person(rnd.choice("abcde"), "acknowledge" if step % 4 else "resolve", n)
        crowd.tick(crowd.now)
        while crowd.own and rnd.random() > slow:
            crowd.carry_on()
    while crowd.own:
        crowd.carry_on()
    return crowd


def _verdict(crowd: Slow, n: int, turn: int, state: str, severity: str) -> None:
    one = crowd.verdict(n, turn, state=state, severity=severity)
    crowd.say(Verdicts(id=f"v{n}/{turn}", at=crowd.now, team="t", why_team="w", verdicts=[one]), crowd.now)


@pytest.mark.parametrize("seed", range(20))
def test_a_group_counts_what_there_is(seed: int) -> None:
    """Whatever happens between the portions, in the end each alert stands as its group says."""
    crowd, found = life(seed), dict[str, int]()
    for one in crowd.standing():
        if one["status"] != Status.RESOLVED:
            name = f"{one['status']}/{one['severity']}"
            found[name] = found.get(name, 0) + 1
    assert crowd.counted() == dict(sorted(found.items()))


@pytest.mark.parametrize("seed", range(8))
def test_portions_under_torture(seed: int) -> None:
    """However often the machine dies in the middle, each alert obeys once, and no portion is lost."""
    log = life(seed).log
    assert sum(b'"kind":"portion"' in raw for _, raw in log) > 5
    assert [faults(Respond, log, death) for death in range(4)] == [[]] * 4
