"""Acknowledgements that go through a large group in chunks, while other things happen to it."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tables.kernel.output import Output
from tables.kernel.row import AnyRow
from tables.respond.alert.lifecycle import Status
from tables.respond.group import bulk
from tables.respond.machine import Respond
from tests.tables.respond.harness import START, Slow, told
from tests.tables.torture import faults

COUNT = 12  # alerts of the group


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of few alerts, said again after seconds."""
    monkeypatch.setattr(bulk, "CHUNK", 3)
    monkeypatch.setattr(bulk, "OVERDUE", 20_000)


def acknowledged(severity: str = "critical") -> tuple[Slow, list[Output]]:
    """A group of which anna has just said that she has it."""
    crowd = Slow()
    for _ in crowd.verdicts(COUNT, 1, severity=severity):
        pass
    crowd.tick(START + 1_000)
    return crowd, crowd.acknowledge()


def test_the_group_has_somebody_at_once() -> None:
    """The person hears how many; the alert that was named and all that people are told stand as if all had obeyed."""
    crowd, out = acknowledged()
    assert told(out, '"result":"accepted"', f"acknowledged {COUNT} alerts")
    assert crowd.counted() == {"acknowledged/critical": COUNT}
    assert len(told(out, '"kind":"cancel"')) == 1
    assert [alert.status for alert in crowd.alerts()].count(Status.ACKNOWLEDGED) == 1


def test_each_alert_follows_with_who_and_why() -> None:
    """Chunk by chunk, as of the moment of the command."""
    crowd, out = acknowledged()
    chunks = 0
    crowd.now += 5_000
    while crowd.own:
        out, chunks = out + crowd.carry_on(), chunks + 1
    assert chunks > 2
    assert len(told(out, '"what":"acknowledged"', '"subject":"alert"', "anna acknowledged")) == COUNT
    assert {alert.acknowledgement.at for alert in crowd.alerts() if alert.acknowledgement} == {START + 1_000}
    assert owners(crowd) == {"anna": COUNT}


def test_what_joins_in_between_is_told_alone() -> None:
    """Alerts that stand as acknowledged are not counted among those that nobody has."""
    crowd, _ = acknowledged()
    crowd.now += 10_000
    crowd.judge(crowd.verdict(COUNT, 1))
    out = crowd.tick(crowd.now + 1_000)
    assert crowd.counted() == {"acknowledged/critical": COUNT, "firing/critical": 1}
    assert not told(out, '"kind":"notification"', f'"count":{COUNT + 1}')
    crowd.finish()
    assert crowd.counted() == {"acknowledged/critical": COUNT, "firing/critical": 1}


def test_who_comes_second_comes_after() -> None:
    """Each alert of something critical was anna's first and is ben's then."""
    crowd, out = acknowledged()
    out += crowd.acknowledge(5, "ben")
    out += crowd.finish()
    assert len(told(out, '"what":"acknowledged"', '"subject":"alert"', "anna")) >= COUNT - 1
    assert owners(crowd) == {"ben": COUNT}


def test_a_second_word_about_warnings_is_refused() -> None:
    """They have somebody; only the one that is named, where its turn has not come yet, is taken over at once."""
    crowd, _ = acknowledged("warning")
    assert told(crowd.acknowledge(0, "ben"), '"result":"refused"', '"reason_code":"nothing_to_acknowledge"')
    out = crowd.acknowledge(1, "ben")
    assert told(out, '"result":"accepted"', '"acknowledged 1 alert"')
    assert crowd.counted() == {"acknowledged/warning": COUNT}
    crowd.finish()
    assert owners(crowd)["ben"] == 1


def test_a_fifth_covers_the_one_that_was_named() -> None:
    """Four orders wait: the named alert obeys by itself, and the others may be asked for again in a moment."""
    crowd, _ = acknowledged()
    for name in "bcd":
        crowd.acknowledge(1, name)
    out = crowd.acknowledge(2, "eve")
    assert told(out, '"result":"accepted"', "acknowledged 1 alert; 4 acknowledgements of this group")
    assert owners(crowd)["eve"] == 1
    assert told(crowd.acknowledge(COUNT, "eve"), '"result":"refused"', '"reason_code":"not_found"')


def test_a_fifth_that_covers_nobody_is_refused() -> None:
    """Where not even the named alert can obey, whoever asks may ask again in a moment."""
    crowd, _ = acknowledged("warning")
    for n, name in enumerate("bcd", COUNT):
        crowd.judge(*(crowd.verdict(n + extra, 1, severity="warning") for extra in (0, 10)))
        crowd.acknowledge(n, name)
    out = crowd.acknowledge(0, "eve")
    assert told(out, '"result":"refused"', '"reason_code":"overloaded"', "4 acknowledgements of this group")


def test_a_chunk_that_is_lost_is_said_again() -> None:
    """What was refused, or failed as a whole, holds up the acknowledgement for a while, and not for ever."""
    crowd, _ = acknowledged()
    crowd.own.clear()
    crowd.wait(25_000, 1_000)
    crowd.finish()
    assert owners(crowd) == {"anna": COUNT}
    assert [group.operations for group in crowd.groups().values()] == [()]


class Stubborn(Respond):
    """A machine in which one alert fails at obeying."""

    bad = ""

    def next_id(self, row: AnyRow) -> str:
        """Fail at what the alert would tell of itself, within a chunk."""
        if row.key == self.bad:
            raise RuntimeError("poison")
        return super().next_id(row)


def test_an_alert_that_fails_at_obeying_is_counted_as_it_is() -> None:
    """It goes to the dead letters, people are told of it again, and the group ends with it."""
    crowd, _ = acknowledged()
    rows = [(key, raw) for key, raw in crowd.machine.snapshot() if raw is not None]
    machine = crowd.machine = Stubborn("respond-0", crowd.signer, rows)
    firing = (row for row in machine.scan_sorted("alert") if row.value.status is Status.FIRING)
    bad = next(firing).key
    machine.bad = bad.replace("alert/", "suppression/", 1)  # the row beside it, which tells of it
    letters: list[str] = []
    while crowd.own:
        out = machine.apply(machine.head.seen + 1, crowd.now, crowd.own.pop(0))
        crowd.own += [output.raw for output in out if b'"kind":"chunk"' in output.raw]
        letters += [output.id for output in out if output.reason]
    assert [bad in letter for letter in letters] == [True]
    assert crowd.counted() == {"acknowledged/critical": COUNT - 1, "firing/critical": 1}
    machine.bad = ""
    for _ in crowd.verdicts(COUNT, 2, state="ok"):
        pass
    assert crowd.groups() == {}


def owners(crowd: Slow) -> Counter[str]:
    """How many alerts each person has."""
    return Counter(alert.acknowledgement.by for alert in crowd.alerts() if alert.acknowledgement)


def life(seed: int) -> Slow:
    """A random life of a group; what the machine says to itself comes some time later: every fourth life, very late.

    Every second life knows warnings only, which a second person need not acknowledge.
    """
    rnd, crowd, sequences = random.Random(seed), Slow(), dict.fromkeys(range(COUNT), 0)
    severities = ["warning"] if seed % 2 else ["warning", "critical"]
    slow, eager = (0.97, 0.5) if seed % 4 > 1 else (0.6, 0.4)
    for step in range(200):
        crowd.now += 1_000
        what, n = rnd.random(), rnd.randrange(COUNT)
        state, severity = rnd.choice(["firing", "firing", "ok"]), rnd.choice(severities)
        if what < 0.3:
            sequences[n] += 1
            crowd.judge(crowd.verdict(n, sequences[n], state=state, severity=severity))
        elif what < eager:
            known = [int(alert.facts.labels["n"]) for alert in crowd.alerts()]
            (crowd.acknowledge if step % 4 else crowd.resolve)(rnd.choice(known or [n]), rnd.choice("abcde"))
        crowd.tick(crowd.now)
        while crowd.own and rnd.random() > slow:
            crowd.carry_on()
    crowd.finish()
    return crowd


@pytest.mark.parametrize("seed", range(20))
def test_a_group_counts_what_there_is(seed: int) -> None:
    """Whatever happens between the chunks, in the end each alert stands as its group says."""
    crowd = life(seed)
    counts = Counter(f"{alert.status}/{alert.severity}" for alert in crowd.alerts() if alert.open)
    assert crowd.counted() == dict(sorted(counts.items()))


@pytest.mark.parametrize("seed", range(8))
def test_chunks_under_torture(seed: int) -> None:
    """However often the machine dies in the middle, each alert obeys once, and no chunk is lost."""
    log = life(seed).log
    assert sum(b'"kind":"chunk"' in raw for _, raw in log) > 5
    assert [faults(Respond, log, death) for death in range(4)] == [[]] * 4
