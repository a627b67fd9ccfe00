"""What blocks owe the world: said in portions where it is much, and by each block for itself where one fails."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import orjson
import pytest

from streams.documents import registry
from streams.telemetry import samples
from streams.topics import DEAD_LETTER, INBOX, TELEMETRY
from tables.detect.machine import Detect
from tables.detect.verdicts import verdict_backlog
from tables.kernel.row import AnyRow
from tables.world import World
from tests.tables.torture import START, Log, faults, logs

RULE = {
    "name": "high",
    "last": "cpu",
    "above": 5,
    "for": "10s",
    "keep_firing_for": "0s",
    "severity": "critical",
}


class Failing(Detect):
    """Detect with a gateway of which nothing can be said for a while."""

    until = START + 30_000

    def next_id(self, row: AnyRow) -> str:
        """Fail at the verdicts of the block of one gateway."""
        if row.key == "instance/bad/00000" and self.clock.now < self.until:
            raise RuntimeError("poison")
        return super().next_id(row)


class Eager(Detect):
    """The mistake of demanding debts on a replay, where what blocks owe is not known."""

    @property
    def replaying(self) -> bool:
        """Whatever is known."""
        return False


def played(kind: type[Detect], gateways: tuple[str, ...], series: int) -> World:
    """All series of all gateways are too high for a minute."""
    world = World([registry.read("rule", RULE)], START)
    world.machines["detect"] = kind("detect-0", world.signer)
    texts = [f'cpu{{n="{n}"}}' for n in range(series)]
    for second in range(60):
        at = START + 1_000 * second
        for gateway in gateways:
            for raw in samples.frame(gateway, "s", at, texts, [9.0] * series):
                world.say(at, TELEMETRY, gateway, raw)
    world.advance(START + 60_000)
    return world


def verdicts(world: World) -> Iterator[tuple[int, str]]:
    """(instant, gateway) of each verdict about the rule that is no refresh."""
    for at, topic, _, raw in world.log:
        said = orjson.loads(raw) if topic == INBOX else {}
        news = (one for one in said.get("verdicts", ()) if one["rule"] == "high" and not one["refresh"])
        yield from ((at, one["gateway"]) for one in news)


def test_a_block_that_fails_waits_in_quarantine() -> None:
    """It is tried again after ever longer pauses, each with a dead letter, and all others speak as ever."""
    world = played(Failing, ("bad", "good"), 30)
    told = list(verdicts(world))
    assert [gateway for _, gateway in told].count("good") == 30
    assert max(at for at, gateway in told if gateway == "good") <= START + 11_000
    letters = [at - START for at, topic, _, _ in world.log if topic == DEAD_LETTER]
    assert 3 <= len(letters) <= 5
    assert [after - before for before, after in pairwise(letters)][1:] == [4_000, 8_000, 16_000][
        : len(letters) - 2
    ]
    late = [at for at, gateway in told if gateway == "bad"]
    assert len(late) == 30
    assert min(late) >= Failing.until


def test_the_reason_stands_in_the_row() -> None:
    """A person finds what failed, how often, and when it is tried again."""
    world = played(Failing, ("bad",), 30)
    machine = Failing("detect-0", world.signer)
    log = [(at, raw) for at, topic, _, raw in world.log if topic == TELEMETRY and at < Failing.until]
    for offset, (at, raw) in enumerate(log):
        machine.apply(offset, at, raw)
    row = machine.rows["instance/bad/00000"]
    assert row.quarantine is not None
    assert row.quarantine.why == "RuntimeError: poison"
    assert row.deadline is not None
    assert row.deadline > machine.clock.active


def test_much_is_said_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each verdict once, no input with more than a portion and a block, and all within moments."""
    monkeypatch.setattr(verdict_backlog, "PORTION", 300)
    world = played(Detect, ("a", "b"), 1_000)
    told = list(verdicts(world))
    assert len(told) == 2_000
    assert max(at for at, _ in told) <= START + 11_000
    raws = [raw for _, topic, _, raw in world.log if topic == TELEMETRY]
    assert sum(raw.startswith(b'{"kind":"backlog"') for raw in raws) >= 4


def spoken(frames: list[list[float]]) -> list[int]:
    """How many verdicts each input says: frames of these values, a second apart; then debts, after all frames."""
    world = World([registry.read("rule", RULE | {"for": "0s"})], START)
    world.advance(START + 5_000)
    machine, said, owed = world.machines["detect"], list[int](), list[bytes]()
    texts = [f'cpu{{n="{n:05}"}}' for n in range(len(frames[0]))]
    inputs = [
        (START + 6_000 + 1_000 * n, raw)
        for n, of in enumerate(frames)
        for raw in samples.frame("g", "s", START + 6_000 + 1_000 * n, texts, of)
    ]
    while inputs or owed:
        at, raw = inputs.pop(0) if inputs else (START + 7_900, owed.pop(0))
        out = machine.apply(machine.head.seen + 1, at, raw)
        owed += [one.raw for one in out if one.topic == TELEMETRY]
        said.append(sum(len(orjson.loads(one.raw)["verdicts"]) for one in out if one.topic == INBOX))
    return said


def test_a_debt_that_comes_late_says_a_portion() -> None:
    """The first block and the last owe a little, then all fire before that has been said."""
    count = 10 * 256
    few = [9.0 if n < 20 or n >= count - 20 else 1.0 for n in range(count)]
    said = spoken([[1.0] * count, few, [9.0] * count])
    assert sum(said) == count
    assert max(said) <= verdict_backlog.PORTION


@pytest.mark.parametrize(("each", "most"), [(4, 20), (5, 5)])
def test_many_blocks_say_a_portion_at_once(each: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each its equal part; where all have more, all is owed, and a debt has one block here."""
    monkeypatch.setattr(verdict_backlog, "PORTION", 20)
    count = 5 * 256
    assert max(spoken([[1.0] * count, [9.0 if n % 256 < each else 1.0 for n in range(count)]])) == most


def indebted(seed: int, monkeypatch: pytest.MonkeyPatch) -> Log:
    """A random life in which nothing is said at once."""
    monkeypatch.setattr(verdict_backlog, "AT_ONCE", 0)
    monkeypatch.setattr(verdict_backlog, "PORTION", 1)
    return logs(seed, churn=True)["detect"]


@pytest.mark.parametrize("seed", [1, 2])
def test_debts_under_torture(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the machine dies between what is found and what is said, it is said once."""
    log = indebted(seed, monkeypatch)
    assert sum(raw.startswith(b'{"kind":"backlog"') for _, raw in log) > 20
    assert faults(Detect, log, seed) == []


def test_eager_demands_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The torture sees demands that say something else on a replay."""
    log = indebted(1, monkeypatch)
    assert any(faults(Eager, log, seed) for seed in range(4))
