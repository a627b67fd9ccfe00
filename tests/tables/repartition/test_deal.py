"""The rows of a stage, dealt out to more partitions: each row once, where the worker of its key looks for it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.errors import Misconfigured
from tables.deliver.circuit.lifecycle import CircuitState
from tables.deliver.circuit.state import Circuit
from tables.deliver.levels import CIRCUIT
from tables.detect.health.roster import KEY, mark_of
from tables.detect.health.state import Gateway, Roster
from tables.detect.levels import GATEWAY, ROSTER
from tables.kernel import row as rows
from tables.kernel.level import Level, level_name
from tables.kernel.row import Row
from tables.repartition.deal import Checksum, Growth, check_multiple, checksum, deal
from tables.repartition.home import Home, Whole, home
from tables.respond.levels import LEVELS, TEAM, Team
from tables.stages import STAGES
from tests.tables.repartition.grown import begun, place, rows_of
from tests.tables.torture import logs

OF_A_TEAM = [level for level in LEVELS if level.name not in ("head", "config", "cover", "alarm")]
NAMES = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,12}", fullmatch=True)


def encoded(level: Level[Any], owner: str, value: Any) -> dict[str, bytes]:
    """One row."""
    return {level.key(owner): Row(level.key(owner), value, 7, 3).encode(level)}


def kept(level: Level[Any], key: str, stored: dict[str, bytes]) -> Any:
    """What a row holds."""
    return rows.decode(key, stored[key], level).value


@given(st.sets(NAMES, min_size=1, max_size=30), st.integers(1, 4), st.integers(2, 5))
def test_each_row_once_and_where_it_is_looked_for(teams: set[str], before: int, factor: int) -> None:
    """Whatever teams there are: from any number of partitions to any multiple, and back to the same checksum."""
    after = before * factor
    old: list[dict[str, bytes]] = [{} for _ in range(before)]
    for team in sorted(teams):
        for level in OF_A_TEAM:
            owner = team if level is TEAM else f"{team}/{level.name}"
            old[place(team, before)][level.key(owner)] = f"{team} {level.name}".encode()
    growth = Growth(STAGES["respond"], before, after, place)
    new: dict[int, dict[str, bytes]] = {}
    for number, stored in enumerate(old):
        dealt = deal(growth, number, stored)
        assert not new.keys() & dealt.keys()
        new |= dealt
    assert sorted(new) == list(range(after))
    assert all(place(home("respond", key), after) == number for number, some in new.items() for key in some)  # type: ignore[arg-type]
    whole = [Checksum(), Checksum()]
    for which, partitions in enumerate((old, new.values())):
        for stored in partitions:
            whole[which] |= checksum("respond", stored)
    assert whole[0] == whole[1]
    assert whole[0].rows == sum(map(len, old)) == sum(map(len, new.values()))


SAMPLES: dict[str, dict[str, Home]] = {
    "detect": {
        "head/partition": Whole.EACH, "config/platform/rule/r": Whole.EACH, "looking/r": Whole.EACH,
        "roster/!gateways": Whole.PARTS, "alarm/dead-letters": Whole.FIRST, "layouts/a/b": "a/b",
        "layout/a/b/0f": "a/b", "canary/a/b": "a/b",
        "gateway/a/b": "a/b", "series/a/b/00000": "a/b", "departed/a/b/00000": "a/b", "aggregate/a/b/00001": "a/b",
        "model/a/b/00002": "a/b", "past/a/b/00003": "a/b", "budget/a/b/00004": "a/b", "burn/a/b/00004": "a/b",
        "instance/a/b/00005": "a/b", "event/a/b/r/0f": "a/b", "composite/a/b/r/0f": "a/b",
    },
    "respond": {
        "head/partition": Whole.EACH, "config/platform/route/r": Whole.EACH, "alarm/dead-letters": Whole.FIRST,
        "team/t": "t", **{f"{level.name}/t/x/y": "t" for level in OF_A_TEAM if level is not TEAM},
        "cover/t/silence/t/quiet": Whole.EACH,
    },
    "deliver": {
        "head/partition": Whole.EACH, "config/platform/person/p": Whole.EACH, "alarm/dead-letters": Whole.FIRST,
        "circuit/t/hook": Whole.PARTS, "recipient/endpoint/t/hook": "endpoint/t/hook",
        "recipient/person/t/anna/sms": "person/t/anna/sms", "delay/endpoint/t/hook|t/group": "endpoint/t/hook",
        "thread/person/t/anna/sms|t/group": "person/t/anna/sms",
        "intent/endpoint/t/hook/respond/escalation/t/g@1.0": "endpoint/t/hook",
        "dispatch/person/t/anna/sms/code/c": "person/t/anna/sms", "queue/endpoint/t/hook|night": "endpoint/t/hook",
        "bundle/endpoint/t/hook/bundle/endpoint/t/hook/night@7": "endpoint/t/hook",
        "attempt/endpoint/t/hook/respond/escalation/t/g@1.0#2": "endpoint/t/hook",
    },
}  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_every_level_has_a_home(stage: str) -> None:
    """Whose a row is stands in its key, whatever a name holds; a level that is new has to be decided about here."""
    samples = SAMPLES[stage]
    assert {level_name(key) for key in samples} == {level.name for level in STAGES[stage].levels}
    assert {key: home(stage, key) for key in samples} == samples


def test_a_roster_is_divided() -> None:
    """Each successor knows its gateways; what was told of many at once stays with whoever told it."""
    gateways = [f"g{n}" for n in range(40)]
    ours = [name for name in gateways if place(name, 2) == 1]
    roster = Roster(
        names={mark_of(name): n for n, name in enumerate(ours)}, alone=(f"{ours[0]}|rule|s",), told=2,
        many={mark_of(ours[1]): 1, mark_of(ours[2]): 1}, named=(ours[1], ours[2]), turns={"gateways-silent": 3},
        severity="warning",
    )  # fmt: skip
    stored = encoded(ROSTER, "!gateways", roster)
    for name in ours:
        stored |= encoded(GATEWAY, name, Gateway())
    parts = {
        number: kept(ROSTER, KEY, some)
        for number, some in deal(Growth(STAGES["detect"], 2, 6, place), 1, stored).items()
    }
    assert list(parts) == [1, 3, 5]
    merged = Roster(
        names={mark: offset for part in parts.values() for mark, offset in part.names.items()},
        alone=sum((part.alone for part in parts.values()), ()),
        many={mark: count for part in parts.values() for mark, count in part.many.items()},
        named=tuple(sorted(sum((part.named for part in parts.values()), ()))),
        told=2, turns={"gateways-silent": 3}, severity="warning",
    )  # fmt: skip
    assert merged == replace(roster, named=tuple(sorted(roster.named)))
    assert (parts[1].told, parts[1].turns, parts[1].severity) == (2, {"gateways-silent": 3}, "warning")
    assert {(part.told, part.severity, len(part.turns)) for part in (parts[3], parts[5])} == {(0, None, 0)}
    for number, part in parts.items():
        assert part.names.keys() == {mark_of(name) for name in ours if place(name, 6) == number}


def test_a_circuit_is_open_for_everybody_and_ends_once_under_its_name() -> None:
    """No successor waits for an endpoint that fails; the alert about it is ended as the one that was told."""
    circuit = Circuit(state=CircuitState.OPEN, failures=5, since=1, at=2)
    growth = Growth(STAGES["deliver"], 4, 12, place)
    dealt = deal(growth, 3, encoded(CIRCUIT, "t/hook", circuit))
    assert {kept(CIRCUIT, "circuit/t/hook", some) for some in dealt.values()} == {
        replace(circuit, told_by="deliver-3")
    }
    again = deal(Growth(STAGES["deliver"], 12, 24, place), 11, dealt[11])
    assert kept(CIRCUIT, "circuit/t/hook", again[23]).told_by == "deliver-3"
    closed = deal(growth, 3, encoded(CIRCUIT, "t/hook", replace(circuit, state=CircuitState.CLOSED)))
    assert {kept(CIRCUIT, "circuit/t/hook", some).told_by for some in closed.values()} == {""}


def test_rows_in_a_wrong_place_are_refused() -> None:
    """Where a producer places records in its own way nothing is moved: what it sends later would not find its rows."""
    stray = next(f"t{n}" for n in range(9) if place(f"t{n}", 4) != 2)
    with pytest.raises(Misconfigured, match=f"respond-2 holds '{stray}'.*`murmur2`"):
        deal(Growth(STAGES["respond"], 4, 8, place), 2, encoded(TEAM, stray, Team()))


@pytest.mark.parametrize(("before", "after"), [(4, 4), (4, 6), (4, 2), (24, 4)])
def test_only_multiples(before: int, after: int) -> None:
    """Else the rows of two partitions, whose clocks differ, would come together in one."""
    with pytest.raises(Misconfigured, match=f"choose a multiple of {before}"):
        check_multiple(before, after)
    check_multiple(before, 3 * before)


@pytest.mark.parametrize("stage", STAGES)
def test_successors_begin_where_the_partition_stood(stage: str) -> None:
    """Clocks, documents and the marker that all of them are known: each successor has them, and owes nothing twice."""
    machine = begun(stage, 0, {})
    for offset, (stamp, raw) in enumerate(logs(5, 60)[stage]):
        machine.apply(offset, stamp, raw)
    stored = rows_of(machine, {})
    for number, part in deal(Growth(STAGES[stage], 1, 3, place), 0, stored).items():
        successor = begun(stage, number, part, 10**12)
        assert successor.clock == machine.clock
        assert successor.documents.keys() == machine.documents.keys()
        assert successor.complete
        assert successor.changed == {}
        assert successor.known < 10**12 <= successor.head.seen + 1
