"""The contract that every machine passes, and the mistakes that its torture must find."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import pytest

from streams import topics
from streams.errors import Gap, NewerSchema
from streams.messages.tick import Tick
from streams.signature import Signer
from streams.telemetry import samples
from tables.detect.events import pipeline as events
from tables.detect.health import gateway, processes, roster
from tables.detect.machine import Detect
from tables.detect.series.slot_history import Terms
from tables.detect.series.slot_index import SlotIndex
from tables.detect.verdicts import verdict_backlog
from tables.kernel.configuration import Configured
from tables.stages import STAGES
from tables.world import KEY
from tests.tables.mutants import careless, deadline_losing, entryless, poisoned, stumbling, upstream_first
from tests.tables.torture import HAPPENINGS, RULES, START, UNUSUAL, Log, faults, living, logs, plain

SEEDS = (1, 2, 4)
MACHINES = pytest.mark.parametrize("stage", STAGES)
known_logs = cache(logs)


class Brisk(Detect):
    """Detect whose days are seconds: slots are given back and given again, and there are too few of them."""

    terms = Terms(most=40, unheard=20_000, rest=40_000, sweep=6_000, late=3_000, departed=50_000)


class Crowded(Brisk):
    """The same, and few gateways may be known."""

    terms = Brisk.terms._replace(gateways=10)


def started(at: int) -> float:
    """When the process began that answers at an instant: one, sometimes another, sometimes it is restarted."""
    second = (at - START) // 1_000
    restarted = START // 1_000 + second // 40 * 40
    return restarted - 0.5 if second % 60 < 50 else START / 1_000 - 500


WATCHED: dict[str, dict[str, Any]] = {
    "few": {"count": "cpu", "over": "8s", "below": 7, "for": "1s", "keep_firing_for": "1s"},
    "slow": {"rate": "calls", "by": ["r"], "over": "6s", "below": 9, "for": "0s", "keep_firing_for": "0s"},
    "still": {"increase": "calls", "over": "4s", "below": 6, "for": "0s", "keep_firing_for": "2s"},
}


def hasty(kind: type[Detect]) -> type[Detect]:
    """The mistake of taking a slot for what it is now, where a replay meets a block that is newer."""

    class Hasty(kind):  # type: ignore[misc, valid-type]
        def index(self, name: str) -> SlotIndex:
            found: SlotIndex = super().index(name)
            now = 2**62
            found.standing = lambda level, number, offset: SlotIndex.standing(  # type: ignore[method-assign]
                found, level, number, now + offset
            )
            return found

    return Hasty


@MACHINES
@pytest.mark.parametrize("seed", SEEDS)
def test_torture(stage: str, seed: int) -> None:
    """However often a machine dies within its write-outs, outputs and rows are those of an undisturbed run."""
    assert faults(poisoned(STAGES[stage]), known_logs(seed)[stage], seed) == []


@pytest.mark.parametrize("seed", range(4))
def test_torture_of_slots(seed: int) -> None:
    """Slots that are given back and given again are the same ones after any crash."""
    assert faults(poisoned(Brisk), known_logs(seed, 250, churn=True)["detect"], seed) == []


@pytest.mark.parametrize("seed", range(3))
def test_torture_of_strangers(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gateways that are let in, refused, lost, told of together and forgotten are the same ones after any crash."""
    monkeypatch.setattr(roster, "ALONE", 1)
    log = known_logs(seed, 250, strangers=True)["detect"]
    assert faults(poisoned(Crowded), log, seed) == []
    assert faults(Crowded, log, seed + 10) == []


def test_strangers_are_let_in_refused_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The torture has what it needs."""
    monkeypatch.setattr(roster, "ALONE", 1)
    out, rows = plain(Crowded, known_logs(0, 250, strangers=True)["detect"])
    assert any("is not taken up" in output.reason for output in out)
    assert any(b"tocsin-gateways-silent" in output.raw for output in out)
    assert sum(b"is forgotten" in output.raw for output in out) > 1
    assert sum(key.startswith("gateway/") for key in rows) <= Crowded.terms.gateways


@pytest.mark.parametrize("seed", range(3))
def test_torture_of_events(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What rules about events know and tell is the same after any crash, also where there is room for few."""
    monkeypatch.setattr(events, "ROOM", 2)
    monkeypatch.setattr(events, "ROWS", 2)
    log = logs(seed, 150, happenings=True)["detect"]
    assert faults(poisoned(Detect), log, seed) == []
    assert faults(Brisk, log, seed + 10) == []


def test_events_fire_are_held_back_and_end() -> None:
    """The torture has what it needs."""
    said = b"".join(
        output.raw
        for seed in range(3)
        for output in plain(Detect, logs(seed, 150, happenings=True)["detect"])[0]
    )
    for words in (
        b"online came",
        b"of login came in",
        b"no heartbeat or online came for",
        b"came again",
        b"never seen before",
        b"the rule was deleted",
    ):
        assert words in said


@pytest.mark.parametrize("seed", range(3))
def test_torture_of_owners(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gateways change hands while a team's rules read them: what those may read, and tell, outlasts any crash."""
    for rules in (RULES, HAPPENINGS):
        for name, rule in rules.items():
            monkeypatch.setitem(rules, name, rule | {"team": "edge"})
    log = known_logs(seed, 200, churn=True, happenings=True)["detect"]
    undisturbed = plain(Detect, log)
    assert any(b"no longer covers it" in output.raw for output in undisturbed[0])
    assert faults(Detect, log, seed, undisturbed=undisturbed) == []


@pytest.mark.parametrize("seed", range(3))
def test_torture_of_what_is_watched(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Since when windows are watched, which counters are born, which are two processes': the same after any crash."""
    monkeypatch.setattr(processes, "SETTLED", 15_000)
    for name, rule in WATCHED.items():
        monkeypatch.setitem(RULES, name, rule)
    real = samples.frame

    def frame(gateway: str, source: str, at: int, texts: list[str], values: list[float]) -> Any:
        return real(gateway, source, at, [*texts, samples.START], [*values, started(at)])

    monkeypatch.setattr(samples, "frame", frame)
    log = logs(seed, 200, churn=True)["detect"]
    undisturbed = out, rows = plain(kind := poisoned(Brisk), log)
    assert any(b"counters-untrusted" in output.raw for output in out)
    assert any(key.startswith("departed/") for key in rows)
    assert faults(kind, log, seed, undisturbed=undisturbed) == []


@pytest.mark.parametrize("seed", range(3))
def test_torture_of_shared_series(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sources send the same series, and take over from each other by turns: the same after any crash."""
    monkeypatch.setattr(gateway, "PATIENCE", 8_000)
    monkeypatch.setattr(gateway, "LOOK", 5_000)
    for name, rule in WATCHED.items():
        monkeypatch.setitem(RULES, name, rule)
    real = samples.frame

    def frame(gateway: str, source: str, at: int, texts: list[str], values: list[float]) -> Any:
        turn = at // 15_000 % 4
        return real(
            gateway, "t" if turn == 2 or (turn == 1 and at // 1_000 % 2) else source, at, texts, values
        )

    monkeypatch.setattr(samples, "frame", frame)
    log = logs(seed, 200, churn=True)["detect"]
    undisturbed = out, rows = plain(kind := poisoned(Brisk), log)
    assert any(b"sends series that" in output.raw for output in out)
    assert any(key.startswith("series/") and b'"t"' in raw.partition(b"\0")[0] for key, raw in rows.items())
    assert faults(kind, log, seed, undisturbed=undisturbed) == []


MEAN = UNUSUAL["odd"] | {"by": ["zone"], "for": "0s"}


def test_torture_of_what_is_said_of_models() -> None:
    """A verdict is worded after a crash, somebody dismisses it, and the next frame is judged by what was said."""
    assert faults(Detect, known_logs(13, 100, unusual=True, churn=True)["detect"], 133) == []


@pytest.mark.parametrize("seed", [122, 141, 142])
def test_torture_of_what_is_owed_of_models(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where nothing is said at once, and of a mean too: verdicts are worded long after their frame."""
    monkeypatch.setattr(verdict_backlog, "AT_ONCE", 0)
    monkeypatch.setattr(verdict_backlog, "PORTION", 1)
    monkeypatch.setitem(UNUSUAL, "mean", MEAN)
    assert faults(Detect, logs(seed // 10, 100, unusual=True, churn=True)["detect"], seed) == []


@pytest.mark.parametrize("seed", [8])
def test_torture_of_slots_with_models(seed: int) -> None:
    """Models learn from the same frames after any crash, whoever has taken over what feeds them since."""
    assert faults(poisoned(Brisk), known_logs(seed, 200, unusual=True, churn=True)["detect"], seed) == []


def test_hasty_looks_at_slots_are_found() -> None:
    """A slot that is read as of now, and not as of the message, breaks the law, and the torture sees it."""
    assert any(faults(hasty(Brisk), known_logs(seed, 250, churn=True)["detect"], seed) for seed in range(4))


def test_slots_are_given_again() -> None:
    """The torture has what it needs: series leave, come back, find their slots taken, and are refused."""
    machine = Brisk("p-0", Signer([KEY]))
    _apply(machine, known_logs(1, 250, churn=True)["detect"])
    blocks = [row.value for row in machine.scan_sorted("series")]
    assert any(block.history.left for block in blocks)
    assert any(block.history.lost > 0 for block in blocks)
    assert all(row.value.next["series"] <= Brisk.terms.most for row in machine.scan_sorted("gateway"))


@MACHINES
def test_alarms_end_under_torture(stage: str) -> None:
    """Our own alert about dead letters ends once, an hour after the last, however often the machine dies."""
    log = [*known_logs(1)[stage], (START + 240_000, b"{")]
    for n in range(200):
        at = START + 250_000 + 20_000 * n
        log.append(
            (at, Signer([KEY]).sign(Tick(id=f"t{n}", at=at, processed=at).encode(), topics.STAGES[stage]))
        )
    undisturbed = plain(STAGES[stage], log)
    assert sum(output.id.endswith("!quiet") for output in undisturbed[0]) == 1
    assert faults(STAGES[stage], log, 1, undisturbed=undisturbed) == []


@MACHINES
def test_upstream_first_is_found(stage: str) -> None:
    """Rows written upstream first break the law, and the torture sees it."""
    assert any(faults(STAGES[stage], known_logs(seed)[stage], seed, upstream_first) for seed in SEEDS)


def test_missing_entry_rows_are_found() -> None:
    """A message that is not skipped whole on a replay meets newer rows, and the torture sees it."""
    assert any(
        faults(entryless(STAGES[stage]), known_logs(seed)[stage], seed) for seed in SEEDS for stage in STAGES
    )


@MACHINES
def test_one_poison_row_stops_nobody(stage: str) -> None:
    """Without a savepoint of its own, a failing row takes others with it: the outputs are fewer."""
    log = known_logs(4)[stage]
    whole, reckless = (
        plain(kind(STAGES[stage]), log)[0] for kind in (poisoned, lambda kind: poisoned(careless(kind)))
    )
    assert whole != reckless


def test_lost_deadlines_are_found() -> None:
    """A rollback that forgets deadlines leaves rows asleep, and a restart would wake them: the torture sees it."""
    right, wrong = stumbling(STAGES["deliver"]), deadline_losing(stumbling(STAGES["deliver"]))
    found = [faults(right, known_logs(log)["deliver"], seed) for log, seed in product(SEEDS, SEEDS)]
    assert found == [[]] * len(found)
    assert any(faults(wrong, known_logs(log)["deliver"], seed) for log, seed in product(range(8), SEEDS))


@MACHINES
def test_rows_round_trip(stage: str) -> None:
    """Every row reads back from its bytes as it was."""
    rows = plain(STAGES[stage], known_logs(1)[stage])[1]
    assert living(STAGES[stage]("p-0", Signer([KEY]), sorted(rows.items()))) == rows


@MACHINES
def test_duplicates_change_nothing(stage: str) -> None:
    """An offset that has been applied says nothing and changes nothing when it comes again."""
    machine, log = STAGES[stage]("p-0", Signer([KEY])), known_logs(1)[stage][:50]
    _apply(machine, log)
    before = living(machine)
    assert not any(machine.apply(offset, *record) for offset, record in enumerate(log))
    assert living(machine) == before


@MACHINES
def test_gap_stops(stage: str) -> None:
    """A missing offset is never skipped in silence."""
    machine = STAGES[stage]("p-0", Signer([KEY]))
    with pytest.raises(Gap, match="expected offset 0, got 3"):
        machine.apply(3, START, b"{}")


@MACHINES
def test_newer_schema_stops(stage: str) -> None:
    """A message of ours from the future stops the partition instead of being thrown away."""
    with pytest.raises(NewerSchema):
        _machine(stage).apply(
            0, START, Signer([KEY]).sign(b'{"kind":"tick","schema":99}', topics.STAGES[stage])
        )


@MACHINES
def test_an_outsiders_newer_schema_stops_nobody(stage: str) -> None:
    """An unsigned message of a newer schema is refused, so that nobody can stop a partition from outside."""
    out = _machine(stage).apply(0, START, b'{"kind":"samples","schema":99}')
    assert "this version reads up to" in out[0].reason


@MACHINES
def test_forged_tick_is_refused(stage: str) -> None:
    """An unsigned tick moves no clock and goes to the dead-letter topic with its reason."""
    machine = STAGES[stage]("p-0", Signer([KEY]))
    out = machine.apply(0, START, Tick(id="t", at=START, processed=START).encode())
    assert "no signature" in out[0].reason
    assert machine.clock.ticked == 0


@MACHINES
def test_copied_messages_are_refused(stage: str) -> None:
    """A tick for another partition, or one that was signed for another topic, moves no clock."""
    machine, signer, topic = STAGES[stage]("p-0", Signer([KEY])), Signer([KEY]), topics.STAGES[stage]
    raw = Tick(id="t", at=START, processed=START, to="p-1").encode()
    said = [signer.sign(raw, topic), signer.sign(raw.replace(b"p-1", b"p-0"), "another")]
    reasons = [machine.apply(offset, START, one)[0].reason for offset, one in enumerate(said)]
    assert "a tick for p-1 reached p-0" in reasons[0]
    assert "signed for another topic" in reasons[1]
    assert machine.clock.ticked == 0


@MACHINES
def test_no_deadline_is_past(stage: str) -> None:
    """After any tick on which the machine may speak, no living row waits for an instant that has gone by."""
    machine = STAGES[stage]("p-0", Signer([KEY]))
    for offset, (stamp, raw) in enumerate(known_logs(2)[stage]):
        machine.apply(offset, stamp, raw)
        if raw.startswith(b'{"kind":"tick"'):
            assert not [
                r.key
                for r in machine.rows.values()
                if r.deadline is not None and r.deadline <= machine._clock_of(r.key)
            ]


def _machine(stage: str) -> Configured:
    return STAGES[stage]("p-0", Signer([KEY]))


def _apply(machine: Configured, log: Log) -> None:
    for offset, (stamp, raw) in enumerate(log):
        machine.apply(offset, stamp, raw)
