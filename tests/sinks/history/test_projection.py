"""The fold from changes to rows, and its tables in a real database: the same however often it is replayed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from sinks.history import schema
from sinks.history.database import address
from sinks.history.projection import Placed, fold
from sinks.history.store import POISON, Position, Store
from streams.errors import Broken, Misconfigured, Refused
from streams.settings import Settings
from tests.sinks.history.harness import rows


@pytest.fixture(scope="session")
def story(change: Any, snapshot: Any) -> list[Placed]:
    """An alert's life, a document's revisions and a command, as `changes` holds them."""
    alert = {"subject": "alert", "subject_id": "a1", "alert_id": "a1", "group": "g1"}
    document = {"type": "rule", "name": "r", "owner": "payments", "id": "d1"}
    said: list[dict[str, Any]] = [
        alert | {"what": "fired", "alert": snapshot()},
        {"group": "g1"},
        alert
        | {
            "what": "acknowledged",
            "alert": snapshot(version=2, status="acknowledged", acknowledged_by="anna"),
        },
        {"subject": "command", "subject_id": "k1", "command": {"command": "k1", "result": "accepted"}},
        {
            "subject": "document",
            "subject_id": "d1",
            "document": document | {"revision": 1, "body": {"for": "2m"}},
        },
        alert
        | {"what": "resolved", "alert": snapshot(version=3, status="resolved", resolved_at=9, value=None)},
        {
            "subject": "document",
            "subject_id": "d1",
            "by": "ben",
            "document": document | {"revision": 2, "body": None},
        },
        {"subject": "command", "subject_id": "k1", "command": {"command": "k1", "result": "refused"}},
    ]
    return [Placed(0, n, change(f"c{n}", n, **fields)) for n, fields in enumerate(said)]


def written(database: Engine, batches: list[list[Placed]]) -> dict[str, list[Any]]:
    """The rows after these batches, whose offsets do not matter here."""
    store = Store(database)
    store.prepare()
    for batch in batches:
        store.rebase()
        store.write(batch, {}, "")
    return rows(database)


def test_rows(store: Store, database: Engine, story: list[Placed]) -> None:
    """The newest version of each subject stands; every change is in the timeline."""
    store.write(story, {}, "i1")

    with database.connect() as connection:
        alert = connection.execute(select(schema.alerts)).one()._mapping
        document = connection.execute(select(schema.documents)).one()._mapping
        answers = list(connection.scalars(select(schema.commands.c.result)))
        entries = list(connection.execute(select(schema.timeline.c.sequence, schema.timeline.c.what)))
    assert (alert["status"], alert["resolved_at"], alert["labels"], alert["offset"]) == (
        "resolved",
        9,
        {"upstream": "x"},
        5,
    )
    assert (document["revision"], document["deleted"], document["updated_by"]) == (2, True, "ben")
    assert answers == ["accepted"]
    assert [what for _, what in sorted(entries)][:3] == ["fired", "sent", "acknowledged"]


def test_a_renewed_value_moves_the_row_alone(
    store: Store, database: Engine, change: Any, snapshot: Any
) -> None:
    """The alert shows the value of now; its timeline is not flooded with values."""
    alert = {"subject": "alert", "subject_id": "a1", "alert_id": "a1"}
    fired = change("c1", 1, what="fired", alert=snapshot(), **alert)
    newer = snapshot(version=2, value=7.5, message="7.5 (at 14:05 UTC)")
    store.write(
        [Placed(0, 0, fired), Placed(0, 1, change("c2", 9, what="renewed", alert=newer, **alert))], {}, ""
    )

    with database.connect() as connection:
        row = connection.execute(select(schema.alerts)).one()._mapping
        entries = list(connection.scalars(select(schema.timeline.c.what)))
    assert (row["value"], row["message"], row["updated_at"]) == (7.5, "7.5 (at 14:05 UTC)", 1009)
    assert entries == ["fired"]


def test_offsets_with_rows(store: Store, database: Engine, story: list[Placed], change: Any) -> None:
    """The offset is stored with the rows; a batch that fails leaves neither."""
    after = store.write(story[:2], {}, "i1")
    with pytest.raises(Refused, match="`alert` is missing"):
        store.write([story[2], Placed(0, 3, change("c9", subject="alert"))], after, "i1")

    assert store.positions() == after == {0: Position(2, "i1")}
    assert len(rows(database)["timeline"]) == 2


def test_two_writers(store: Store, story: list[Placed]) -> None:
    """A writer that lost its partition while it stood still cannot write any more."""
    after = store.write(story[:2], {}, "")
    store.write(story[2:4], after, "")
    for before in ({}, after):
        with pytest.raises(Broken, match="another writer"):
            store.write(story[2:3], before, "")


def test_rebase(store: Store, database: Engine, story: list[Placed]) -> None:
    """A rebase forgets offsets and keeps rows; reading all again changes nothing."""
    store.write(story, {}, "i1")
    before = rows(database)
    store.rebase()
    assert store.positions() == {}
    store.write(story, {}, "i2")

    assert rows(database) == before


def test_prune(store: Store, database: Engine, story: list[Placed], change: Any) -> None:
    """What is old goes; alerts and documents stay, and an alert that is not over keeps its timeline."""
    stands = store.write([*story[:4], Placed(0, 4, change("new", 100_000))], {}, "i1")
    assert store.prune(50_000) == 3  # a notification, a command's entry and the command
    before = rows(database)
    assert (len(before["timeline"]), len(before["commands"])) == (3, 0)
    store.write(story[5:6], stands, "i1")
    assert store.prune(50_000) == 3  # the alert is over
    after = rows(database)
    assert (len(after["timeline"]), len(after["alerts"]), store.prune(50_000)) == (1, 1, 0)


def test_errors_keep_what_was_to_be_written(database: Engine) -> None:
    """An error of the database names no value: it may be a secret or a person."""
    with database.connect() as connection, pytest.raises(SQLAlchemyError) as why:
        connection.execute(text("SELECT :secret FROM nowhere"), {"secret": "geheim"})
    assert "geheim" not in str(why.value)


@pytest.mark.parametrize("name", ["nul \x00 in text", "number"])
def test_what_the_database_cannot_hold(store: Store, change: Any, name: str) -> None:
    """A change that the database refuses is told apart from a database that is away."""
    odd = change(name, at=2**63) if name == "number" else change(name)
    with suppress(*POISON):
        store.write([Placed(0, 0, odd)], {}, "")
        assert name != "number"


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_replay_gives_the_same_rows(story: list[Placed], data: Any) -> None:
    """However the changes are repeated, reordered and cut into batches, once all were there the rows are the same."""
    places = st.lists(
        st.integers(0, len(story) - 2), max_size=20
    )  # the second answer to a command stays last
    extra = data.draw(places)
    order = data.draw(st.permutations(range(len(story) - 1)))
    cut = data.draw(st.integers(0, len(extra)))
    replay = [[story[n] for n in extra[:cut]], [story[n] for n in [*order, *extra[cut:], len(story) - 1]]]

    memory = [create_engine("sqlite://", poolclass=StaticPool) for _ in range(2)]
    once, again = written(memory[0], [story]), written(memory[1], replay)
    for one in memory:
        one.dispose()
    assert again == once


def test_why_and_doubts(store: Store, database: Engine, change: Any, snapshot: Any) -> None:
    """An entry has the code of its reason and all of its subject; the alert's row what the list shows of it."""
    doubts, reading = ["nothing has come from s for 1m"], {
        "at": 1, "value": 9.0, "expected": 5.0, "low": 4.0, "high": 6.0, "score": 0.9, "part": "distance", "since": 1,
        "recent_points": [[1, 9.0, 4.0, 6.0, 0.9]],
    }  # fmt: skip
    held = snapshot(groups=["g1", "g2"], acknowledged_until=5, data_quality=doubts, anomaly=reading)
    refusal = {"command": "k9", "result": "refused", "do": "put", "digest": "d"}
    told = [
        change("c0", 0, subject="alert", alert_id="a1", alert=held),
        change("c1", 1, subject="command", reason_code="conflict", command=refusal),
    ]
    store.write([Placed(0, n, one) for n, one in enumerate(told)], {}, "i1")

    with database.connect() as connection:
        alert = connection.execute(select(schema.alerts)).one()._mapping
        answer = connection.execute(select(schema.commands)).one()._mapping
        of = schema.timeline.c
        entries = connection.execute(select(of.reason_code, of.snapshot).order_by(of.sequence)).all()
    assert (alert["groups"], alert["acknowledged_until"], alert["data_quality"]) == (["g1", "g2"], 5, doubts)
    assert (answer["do"], answer["digest"], answer["code"]) == ("put", "d", "conflict")
    assert (entries[0].snapshot["anomaly"]["recent_points"], entries[1].reason_code) == (
        reading["recent_points"],
        "conflict",
    )


@pytest.mark.parametrize(
    ("subject", "snapshot_", "words"),
    [
        ("alert", {"id": "a1"}, "alert.fingerprint"),
        ("alert", {"version": "2"}, "alert.version"),
        ("alert", {"groups": "g1"}, "alert.groups"),
        ("alert", None, "`alert` is missing"),
        ("document", None, "`document` is missing"),
        ("command", {"command": "k1", "result": "perhaps"}, "command.result"),
    ],
)
def test_poison(change: Any, snapshot: Any, subject: str, snapshot_: Any, words: str) -> None:
    """A snapshot that does not fit names its field."""
    whole = snapshot_ is not None and subject == "alert" and "id" not in snapshot_
    fields = {subject: snapshot(**snapshot_) if whole else snapshot_}
    with pytest.raises(Refused, match=words):
        fold([Placed(0, 0, change(subject=subject, **fields))])


@pytest.mark.parametrize("text", ["mysql://x/y", "what", "oracle://x", "postgresql://u:p@ss@host/name"])
def test_addresses_that_cannot_be(text: str) -> None:
    """TOCSIN_DATABASE is named where it cannot be used, and its password never is."""
    with pytest.raises(Misconfigured, match="TOCSIN_DATABASE"):
        address(Settings(database=text))
