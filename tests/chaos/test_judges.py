"""The judges of a run: they find nothing in what an undisturbed run leaves, and each fault that is put there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from streams.signature import Signer
from streams.topics import CHANGES, NOTIFY, TELEMETRY, changelog
from tables.kernel.machine import FENCE, HEAD_KEY
from tables.stages import STAGES
from tables.world import KEY
from tests.chaos.delivered import calls, notifications
from tests.chaos.disruption import Disruption
from tests.chaos.framed import frames
from tests.chaos.ground import Record
from tests.chaos.left import START, Left, asked, heard, left
from tests.chaos.obeyed import commands
from tests.chaos.people import Asked
from tests.chaos.receiver import Call
from tests.chaos.remembered import remembered
from tests.chaos.report import deeds, faults
from tests.chaos.resumed import resumed
from tests.chaos.verdict import judge

KILL = Disruption("kill", "webhook-a", START / 1_000, START / 1_000 + 3_600)


def whole(dumps: Left, calls_: list[Call], asked_: list[Asked], *done: Disruption) -> dict[str, Any]:
    """All verdicts over what is there."""
    return {
        **judge(dumps, Signer([KEY]), STAGES, {}),
        "sink": calls(dumps, "webhook", calls_, done),
        "notifications": notifications(dumps, calls_),
        "commands": commands(dumps, asked_),
        "bridge": frames(dumps),
    }


def sound(told: dict[str, Any]) -> bool:
    """Whether no verdict has found anything."""
    return bool(told["holds"]) and not any(faults(told))


def find(dumps: Left, topic: str, **like: Any) -> int:
    """The place of the last message with these fields."""
    said = [orjson.loads(record.value or b"{}") for record in dumps[topic][0]]
    return max(n for n, one in enumerate(said) if like.items() <= one.items())


def drop(topic: str, **like: Any) -> Callable[[Left], None]:
    """The fault that one message is not there."""

    def spoil(dumps: Left) -> None:
        records = dumps[topic][0]
        del records[find(dumps, topic, **like)]
        dumps[topic][0] = [replace(record, offset=n) for n, record in enumerate(records)]

    return spoil


def change(topic: str, new: Callable[[bytes], bytes], **like: Any) -> Callable[[Left], None]:
    """The fault that one message says something else."""

    def spoil(dumps: Left) -> None:
        place = find(dumps, topic, **like)
        record = dumps[topic][0][place]
        dumps[topic][0][place] = replace(record, value=new(record.value or b""))

    return spoil


def again(topic: str, new: Callable[[bytes], bytes] = bytes, **like: Any) -> Callable[[Left], None]:
    """The fault that one message, or one that is nearly the same, is there once more."""

    def spoil(dumps: Left) -> None:
        record = dumps[topic][0][find(dumps, topic, **like)]
        added = replace(record, offset=len(dumps[topic][0]), value=new(record.value or b""))
        dumps[topic][0].append(added)

    return spoil


def another(raw: bytes) -> bytes:
    """The same change under another id."""
    return orjson.dumps(orjson.loads(raw) | {"id": "another"})


def unwritten(dumps: Left) -> None:
    """The fault that a row was never written."""
    del dumps[changelog("respond")][0][3]


def stale(dumps: Left) -> None:
    """The fault that a row was written by somebody who did not know the newest one."""
    records = dumps[changelog("respond")][0]
    old, head = records[1], records[-1]
    newer = (old.value or b"").replace(b",", b",9", 1)
    records[1:2] = [replace(old, value=newer), old]
    assert head.key == HEAD_KEY.encode()


FAULTS: dict[str, Callable[[Left], None]] = {
    "a notification is lost": drop(NOTIFY, kind="notification"),
    "an alert is lost": drop(CHANGES, subject="alert", what="fired"),
    "an attempt is lost": drop("send.webhook.critical", kind="attempt"),
    "an outcome is lost": drop(NOTIFY, kind="outcome"),
    "an end is lost": drop(CHANGES, subject="notification"),
    "a command has no effect": drop(CHANGES, subject="alert", what="acknowledged"),
    "a command is doubled": again(CHANGES, another, subject="alert", what="acknowledged"),
    "a suppression is lost": drop(CHANGES, subject="alert", what="suppressed"),
    "the end of a suppression is lost": drop(CHANGES, subject="alert", what="released"),
    "what was suppressed is told of": again(NOTIFY, another, kind="notification"),
    "an output says something else": change(
        CHANGES, lambda raw: raw.replace(b"fired", b"FIRED"), what="fired"
    ),
    "an output is repeated after its write-out": again(CHANGES, subject="alert", what="fired"),
    "a row is wrong": unwritten,
    "a row is stale": stale,
    "a frame is torn": drop(TELEMETRY, part=[1, 2]),
}


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    """An undisturbed run holds, and something happened in it."""
    told = whole(left(), heard(), asked())
    assert sound(told), told
    assert told["commands"]["accepted"] > 3
    assert told["sink"]["attempts"] > 10
    assert told["bridge"]["in_parts"] > 10


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_logs_is_found(fault: str) -> None:
    """Each of them makes the run fail."""
    dumps = left()
    FAULTS[fault](dumps)
    assert not sound(whole(dumps, heard(), asked()))


def test_a_repeated_output_is_excused_by_a_take_over() -> None:
    """A new owner that comes before the write-out may say again what was not written, once."""
    dumps = left()
    again(CHANGES, subject="alert", what="fired")(dumps)
    rows = dumps[changelog("respond")][0]
    rows.insert(len(rows) - 1, Record(0, FENCE.encode(), b"{}", {}, START + 3_600_000))
    told = whole(dumps, heard(), asked())
    assert sound(told), told
    assert told["stages"]["respond"]["most_at_once"] == 1
    again(CHANGES, subject="alert", what="fired")(dumps)
    assert whole(dumps, heard(), asked())["stages"]["respond"]["beyond"] == 1


def test_a_call_is_made_twice_only_where_it_was_in_flight() -> None:
    """A second call of an attempt needs a disruption of its sink, and only calls in flight then are excused by it."""
    twice = [*heard(), heard()[-1]]
    assert not sound(whole(left(), twice, asked()))
    assert sound(whole(left(), twice, asked(), KILL))
    assert not sound(whole(left(), twice, asked(), replace(KILL, victim="log-a")))
    assert not sound(whole(left(), twice, asked(), replace(KILL, until=KILL.at + 1)))


@pytest.mark.parametrize(
    "spoilt",
    [
        heard()[1:],
        [*heard()[1:], heard()[0]._replace(id="other")],
        [*heard()[1:], heard()[0]._replace(body=heard()[0].body.replace(b"fir", b"FIR", 1))],
        [*heard()[1:], heard()[0]._replace(status=0)],
        [*heard(), heard()[0]._replace(body=heard()[0].body.replace(b'"attempt":1', b'"attempt":9'))],
    ],
    ids=["lost", "another id", "another body", "never answered, never repeated", "invented"],
)
def test_a_wrong_call_is_found(spoilt: list[Call]) -> None:
    """Whatever the disruptions were."""
    assert not sound(whole(left(), spoilt, asked(), KILL))


@pytest.mark.parametrize("final", ["refused", ""])
def test_a_command_that_was_told_otherwise_is_found(final: str) -> None:
    """What was refused took no effect, and everybody was told something."""
    wrong = asked()
    wrong[0].final = final
    assert not sound(whole(left(), heard(), wrong))


def test_what_was_done_and_how_soon_it_went_on() -> None:
    """Deeds are counted by kind; a partition stands still from its owner's kill to the next tick."""
    tick = [orjson.dumps({"kind": "tick", "by": f"detect-{by}"}) for by in "aab"]
    stamps = (1_000, 2_000, 5_500)
    dumps = left()
    dumps[TELEMETRY][0] = [
        Record(n, None, raw, {}, at) for n, (raw, at) in enumerate(zip(tick, stamps, strict=True))
    ]
    done = [Disruption("kill", "detect-a", 2.5, 3.0), Disruption("kill", "api-b", 2.0, 3.0)]
    told = resumed(dumps, done)
    three, one = ({"kills": 1, "p50_s": wait, "most_s": wait} for wait in (3.0, 1.0))
    assert told == {"api": one | {"alone": one}, "detect": three | {"alone": three}}
    crowded = resumed(dumps, [*done, Disruption("pause", "detect-b", 4.0, 19.0)])
    assert crowded["detect"]["alone"] == {"kills": 0}
    assert deeds(done) == {"kill": {"api": 1, "detect": 1}}


def test_a_broker_that_is_killed_stops_what_it_led() -> None:
    """All partitions of all stages have to go on; it stood alone where nobody else was disturbed meanwhile."""
    raw = orjson.dumps({"kind": "tick", "by": "detect-a"})
    stamps = {0: (1_000, 2_000, 3_000, 4_000), 1: (1_500, 6_500)}
    dumps = {
        TELEMETRY: {p: [Record(n, None, raw, {}, at) for n, at in enumerate(of)] for p, of in stamps.items()}
    }
    kill = Disruption("kill", "broker-2", 2.5, 9.0)
    four = {"kills": 1, "p50_s": 4.0, "most_s": 4.0}
    assert resumed(dumps, [kill]) == {"broker": four | {"alone": four}}
    assert resumed(dumps, [kill, Disruption("end", "webhook-a", 3.0, 4.0)])["broker"]["alone"] == {"kills": 0}
    assert deeds([kill]) == {"kill": {"broker": 1}}


def test_what_is_remembered(tmp_path: Path) -> None:
    """A renewed value has no line in the timeline; any other change that has none is missing."""

    def change(id: str, what: str, version: int) -> Record:
        nobody = dict.fromkeys(("acknowledged_by", "resolved_by"))
        alert = {"id": "a", "status": "firing", "severity": "warning", "version": version, **nobody}
        body = {"id": id, "subject": "alert", "what": what, "alert": alert}
        return Record(version, b"payments", orjson.dumps(body), {}, START)

    dumps = {
        CHANGES: {0: [change("c1", "firing", 1), change("c2", "renewed", 2), change("c3", "commented", 3)]}
    }
    file = tmp_path / "history.sqlite"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("create table timeline (id)")
        database.execute("create table alerts (id, status, severity, acknowledged_by, resolved_by, version)")
        database.execute("insert into timeline values ('c1')")
        database.execute("insert into alerts values ('a', 'firing', 'warning', null, null, 3)")
    told = remembered(dumps, file)
    assert (told["missing"], told["invented"], told["wrong_alerts"]) == (1, 0, 0)
