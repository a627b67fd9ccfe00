"""What people and documents do while the product is disturbed: it all happens, and the judge sees where it does not."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import orjson
import pytest

from streams.messages.command import Action, Command, Principal, PutDocument
from streams.telemetry import samples
from streams.topics import CHANGES, INBOX, TELEMETRY, TOPICS
from tables.respond.levels import ALERT, DOCUMENT
from tables.world import World
from tests.chaos.duties import HAPPEN, Duties, documents, happened
from tests.chaos.ground import Record
from tests.chaos.product import TEAM
from tests.chaos.product import documents as of_the_product

START, SECONDS = 1_764_547_200_000, 130
Dump = dict[str, dict[int, list[Record]]]


@cache
def _changes() -> tuple[Record, ...]:
    world, duties = World((), START), Duties(random.Random(7))
    bodies = of_the_product("http://receiver.invalid") | documents(START)
    for n, ((kind, name), of) in enumerate(sorted(bodies.items())):
        _want(world, START, f"put-{n}", PutDocument(type=kind, name=name, body={"name": name} | of[0]))
    for second in range(1, SECONDS):
        at = START + 1_000 * second
        _frames(world, at, second)
        if (action := duties.next(_open(world), _revisions(world), at)) is not None:
            _want(world, at, f"command-{second}", action)
        world.advance(at + 999)
    made = [(stamp, raw) for stamp, topic, _, raw in world.log if topic == CHANGES]
    return tuple(Record(n, None, raw, {}, stamp) for n, (stamp, raw) in enumerate(made))


def _frames(world: World, at: int, second: int) -> None:
    """Every other gateway is wrong for some seconds now and then, as those of the product's load."""
    for gateway in range(0, 12, 2):
        wrong = (second // 6 + gateway // 2) % 3 == 0
        series = [f'cpu{{host="h{n}"}}' for n in range(4)]
        values = [9.0 if wrong and n < 3 else 1.0 for n in range(4)]
        for raw in samples.frame(f"gw{gateway}", "chaos", at, series, values):
            world.say(at, TELEMETRY, f"gw{gateway}", raw)


def _want(world: World, at: int, id: str, action: Action) -> None:
    by = Principal(name="chaos", admin=True)
    world.tell(at, INBOX, TEAM, Command(id=id, at=at, team=TEAM, by=by, action=action))  # type: ignore[arg-type]


def _open(world: World) -> list[dict[str, Any]]:
    """What a page shows of the alerts."""
    alerts = (row.value for row in world.machines["respond"].scan_sorted(ALERT.name))
    return [{"fingerprint": one.facts.fingerprint, "id": one.occurrence.id} for one in alerts if one.open]


def _revisions(world: World) -> dict[tuple[str, str], int]:
    rows = world.machines["respond"].scan_sorted(DOCUMENT.name)
    names = {tuple(row.key.split("/")[2:]): row.value for row in rows}
    return {(kind, name): of.revision for (kind, name), of in names.items() if of.body is not None}


def left() -> Dump:
    """What the changes hold after two minutes."""
    return {topic.name: {0: list(_changes()) if topic.name == CHANGES else []} for topic in TOPICS}


def test_all_of_it_happens() -> None:
    """Each kind of suppression begins and ends, people are told after it, come on call, and hear of next steps."""
    found = happened(left())
    assert found["faults"] == 0, found


def test_most_of_what_people_want_can_be_had() -> None:
    """What is refused comes too late, as on a page that is some seconds old."""
    answers = [one for one in map(_read, _changes()) if one["subject"] == "command"]
    refused = [one for one in answers if one["what"] == "refused"]
    assert len(answers) > SECONDS / 2
    assert len(refused) < len(answers) / 2, {one["reason"] for one in refused}


@pytest.mark.parametrize("name", HAPPEN)
def test_what_never_happened_is_a_fault(name: str) -> None:
    """A run in which it was not under way says nothing of it."""
    spoilt = left()
    line = HAPPEN[name]
    kept = [record for record in spoilt[CHANGES][0] if _line(record) != line]
    spoilt[CHANGES][0] = kept
    found = happened(spoilt)
    assert (found[name], found["faults"]) == (0, 1)


def _read(record: Record) -> dict[str, Any]:
    return dict(orjson.loads(record.value or b""))


def _line(record: Record) -> tuple[str, str]:
    change = _read(record)
    return change["subject"], change.get("reason_code", "")
