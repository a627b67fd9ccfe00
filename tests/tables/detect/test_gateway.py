"""A gateway's entry: frames in parts, silent sources, alternating processes, and who owns what."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest
from msgspec.structs import replace

from streams.errors import Refused
from streams.telemetry.samples import Batch
from tables.detect.aggregate import watched
from tables.detect.health import frame_parts, gateway, inventory, processes
from tables.detect.health.state import NOTHING, Break, Gateway, Mark, Source
from tables.detect.levels import GATEWAY
from tables.detect.series.slot_allocation import REFUSED
from tables.detect.series.slot_history import Terms
from tables.kernel.row import LARGEST_ROW, Row


def arrived(*parts: tuple[int, int, int]) -> tuple[Gateway, list[list[int]]]:
    """The entry after batches (event ms, part, parts) and which frames each completed."""
    entry, done = NOTHING, list[list[int]]()
    for at, part, of in parts:
        entry, complete = gateway.arrive(entry, Batch("g", "s", at, part, of, [], []), at, at)
        done.append(complete)
    return entry, done


def started(*answers: tuple[float, int]) -> list[bool]:
    """Of process start times, s, in frames of event ms, which no restart explains."""
    source, found = gateway.new_source(0), list[bool]()
    for start, at in answers:
        source, another = processes.started(source, start, 0, at)
        found.append(another)
    return found


@pytest.mark.parametrize(
    ("parts", "done"),
    [
        ([(10, 0, 1)], [[10]]),
        ([(10, 0, 2), (10, 1, 2)], [[], [10]]),
        ([(10, 1, 2), (10, 0, 2)], [[], [10]]),
        ([(10, 0, 2), (10, 0, 2)], [[], []]),
        ([(10, 0, 2), (20, 0, 1)], [[], [10, 20]]),
        ([(10, 0, 1), (10, 0, 1)], [[10], []]),
        ([(20, 0, 1), (10, 0, 1)], [[20], []]),
        ([(10, 0, 2), (20, 0, 2), (10, 1, 2), (20, 1, 2)], [[], [10], [], [20]]),
    ],
)
def test_frames_complete(parts: list[tuple[int, int, int]], done: list[list[int]]) -> None:
    """A frame is complete with its last part, in any order, once; or when a newer one begins."""
    assert arrived(*parts)[1] == done


def test_an_incomplete_frame_waits_only_so_long() -> None:
    """After the allowance it is judged as it is."""
    source = arrived((10, 0, 2))[0].sources["s"]
    assert not gateway.overdue(source, 10 + gateway.WAIT - 1)
    assert gateway.overdue(source, 10 + gateway.WAIT)


@pytest.mark.parametrize(
    ("interval", "patience"), [(1_000, 60_000), (15_000, 60_000), (60_000, 240_000), (10**7, 3_600_000)]
)
def test_patience_follows_the_interval(interval: int, patience: int) -> None:
    """A source may be silent for four intervals, at least a minute and at most an hour."""
    entry, _ = arrived((10, 0, 1), (10 + interval, 0, 1))
    source, heard = entry.sources["s"], 10 + interval
    assert gateway.patience(source) == patience
    assert not gateway.silent(source, heard + patience - 1)
    assert gateway.silent(source, heard + patience)
    assert gateway.deadline(entry) == heard + patience


def test_what_is_lost_waits_to_be_forgotten() -> None:
    """An entry without sources has no deadline, one whose sources are lost waits until it may be forgotten."""
    assert gateway.deadline(NOTHING) is None
    entry, _ = arrived((10, 0, 1))
    entry = gateway.with_source(entry, "s", replace(entry.sources["s"], lost=True))
    assert gateway.deadline(entry) == 10 + Terms().forgotten


def test_alternating_processes_are_noticed() -> None:
    """A start time that comes back is another process's; one that only grows is a restart."""
    frames = [(5.0, 6_000), (5.0, 8_000), (9.0, 10_000), (12.0, 15_000), (nan, 16_000), (9.0, 20_000)]
    assert started(*frames) == [*[False] * 5, True]


@pytest.mark.parametrize(
    ("before", "start", "another"),
    [(20.0, 100.0, False), (20.0, 96.0, False), (20.0, 94.0, True), (20.0, 19.9, True), (20.0, 20.0, False)],
)
def test_a_second_process_is_noticed_at_once(before: float, start: float, another: bool) -> None:
    """A restart lies between two frames, as far as clocks agree: what began earlier was there beside the other."""
    assert started((before, 100_000), (start, 115_000)) == [False, another]


def test_a_late_frame_is_no_second_process() -> None:
    """One that arrives behind the first frame of a restarted process is of the one before."""
    assert started((5.0, 10_000), (31.0, 40_000), (5.0, 25_000), (31.0, 55_000)) == [False] * 4


def test_owners() -> None:
    """An upstream's owner goes before the gateway's, and that before the rule's team."""
    known = inventory.owners({"team": "edge", "upstreams": {"u": {"team": "payments"}, "v": {}, "w": "odd"}})
    assert inventory.team(known, "u", "platform") == ("payments", "owns upstream u")
    assert inventory.team(known, "v", "platform") == ("edge", "owns the gateway")
    assert inventory.team(None, "u", "platform") == ("platform", "owns the rule")


def test_alerts_of_a_teams_rule_are_its_own() -> None:
    """Whoever owns what an alert is about, a team's rule puts nothing into the list of another."""
    known = inventory.owners({"team": "edge", "upstreams": {"u": {"team": "payments"}}})
    assert [inventory.team(known, upstream, "search")[0] for upstream in ("u", "v", "")] == ["search"] * 3
    assert inventory.team(known, "u", "payments") == ("payments", "owns upstream u")
    assert inventory.team(known, "v", "edge") == ("edge", "owns the gateway")


@pytest.mark.parametrize(
    ("labels", "owner", "readers"),
    [
        ({"upstream": "u"}, "payments", {"platform", "payments"}),
        ({"upstream": "v"}, "edge", {"platform", "edge"}),
        ({}, "edge", {"platform", "edge"}),
    ],
)
def test_who_reads_what(labels: dict[str, str], owner: str, readers: set[str]) -> None:
    """What has an owner, the nearest counts, is read by the owner's rules and the platform's."""
    known = inventory.owners({"team": "edge", "upstreams": {"u": {"team": "payments"}, "v": {}}})
    assert inventory.owner(known, labels) == owner
    teams = ("platform", "payments", "edge", "search")
    assert {team for team in teams if inventory.readable(known, labels, team)} == readers
    assert all(inventory.readable(None, labels, team) for team in teams)  # nobody's


@pytest.mark.parametrize(
    "attributes", [{"upstreams": []}, {"team": "a/b"}, {"team": 5}, {"upstreams": {"u": {"team": "A b"}}}]
)
def test_an_inventory_that_does_not_fit_is_refused(attributes: dict[str, Any]) -> None:
    """A team is part of keys, so it is a slug; nothing else is taken for one."""
    with pytest.raises(Refused, match="event inventory"):
        inventory.owners(attributes)


def test_more_owners_than_can_be_remembered() -> None:
    """Whose upstream did not fit gets the next in line, and the alert says that there were too many."""
    upstreams = {f"u{n:05}": {"team": "payments"} for n in range(inventory.OWNERS + 1)}
    known = inventory.owners({"upstreams": upstreams})
    assert inventory.team(known, "u00000", "platform")[0] == "payments"
    cut = {"upstream": f"u{inventory.OWNERS:05}"}
    assert [inventory.readable(known, cut, team) for team in ("platform", "payments")] == [True, False]
    assert inventory.team(known, f"u{inventory.OWNERS:05}", "platform") == (
        "platform",
        "owns the rule; the inventory names owners of 1 upstreams more than can be remembered",
    )


@pytest.mark.parametrize(("length", "sort"), [(15, "x"), (100, "x"), (200, "\N{FIRE}"), (250, '"')])
def test_an_entry_row_stays_a_row(length: int, sort: str) -> None:
    """Sources, owners and metric names with long names, frames in scattered parts: it fits, whatever is sent."""
    upstreams = {f"{n:05}{sort * length}": {"team": f"t{n}", "error": sort * length} for n in range(3_000)}
    entry = Gateway(refused=("ffffffff",) * REFUSED, inventory=inventory.owners({"upstreams": upstreams}))
    for n in range(80):
        name = f"{n:03}{sort * length}"[:256]
        for part in range(0, 80, 2):
            batch = Batch("g", name, 2**45, part, 4_096, [], [])
            if gateway.surplus(entry, batch) is None:
                entry, _ = gateway.arrive(entry, batch, 2**45, 2**45)
        if name in entry.sources:
            entry = gateway.with_source(entry, name, fullest(entry.sources[name]))
        for rule in ("telemetry-lost", "counters-untrusted", "series-shared"):
            entry, _ = gateway.turn(entry, name, f"{rule}|{name}", 2**45)
    row = Row("gateway/g", entry)
    assert len(row.encode(GATEWAY)) < LARGEST_ROW


def fullest(source: Source) -> Source:
    """The source with as much as it may remember."""
    for start in range(9):
        source, _ = processes.started(source, 1.7644321e9 + start / 7, 2**45, 2**45)
    breaks, gaps = (Break(2**62, 2**45),) * watched.KEPT, (2**45,) * watched.RHYTHM
    mark, at = Mark(2**45, 2**45), 2**45
    return replace(
        source,
        breaks=breaks,
        gaps=gaps,
        whole=mark,
        begun=mark,
        trusted=at,
        stranger=True,
        shared=at,
        look=at,
    )


def test_parts_in_any_order() -> None:
    """Ranges grow together, and each part counts once."""
    seen: frame_parts.Ranges = ()
    for part in (4, 0, 2, 2, 1, 3):
        seen = frame_parts.add(seen, part)
    assert (seen, frame_parts.count(seen)) == (((0, 4),), 5)
    assert frame_parts.add(((0, 1),), 3) == ((0, 1), (3, 3))
