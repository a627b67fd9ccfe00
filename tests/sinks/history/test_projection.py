"""The fold from changes to rows, and its tables in a real database: the same however often it is replayed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from sinks.history import schema
from sinks.history.database import address, engine
from sinks.history.projection import Placed, fold
from sinks.history.store import POISON, Position, Store
from streams.errors import Broken, Misconfigured, Refused
from streams.messages.change import Change
from streams.settings import Settings

SERVER = "TEST_POSTGRESQL"
_TABLES = [schema.alerts, schema.timeline, schema.documents, schema.commands]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: Any, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    url = str(tmp_path / "history.sqlite") if request.param == "sqlite" else os.environ.get(SERVER)
    if url is None:
        pytest.skip(f"no PostgreSQL: set {SERVER} to postgresql://user:password@host/an_empty_database")
    made = engine(address(Settings(database=f"sqlite:///{url}" if request.param == "sqlite" else url)))
    schema.metadata.drop_all(made)
    yield made
    schema.metadata.drop_all(made)
    made.dispose()


@pytest.fixture
def store(database: Engine) -> Store:
    """The read model, made."""
    one = Store(database)
    one.prepare()
    return one


def rows(database: Engine) -> dict[str, list[Any]]:
    """All rows of all tables, without the sequence, sorted."""
    found = {}
    with database.connect() as connection:
        for table in _TABLES:
            columns = [column for column in table.c if column.name != "sequence"]
            found[table.name] = sorted(map(repr, connection.execute(select(*columns))))
    return found


@pytest.fixture(scope="session")
def story(change: Any, snapshot: Any) -> list[Placed]:
    """An alert's life, a document's revisions and a command, as `changes` holds them."""
    alert = {"subject": "alert", "subject_id": "a1", "alert_id": "a1", "group": "g1"}
    document = {"type": "rule", "name": "r", "owner": "payments", "id": "d1"}
    said: list[dict[str, Any]] = [
        alert | {"what": "fired", "snapshot": snapshot()},
        {"group": "g1"},
        alert
        | {
            "what": "acknowledged",
            "snapshot": snapshot(version=2, status="acknowledged", acknowledged_by="anna"),
        },
        {"subject": "command", "subject_id": "k1", "snapshot": {"command": "k1", "result": "accepted"}},
        {
            "subject": "document",
            "subject_id": "d1",
            "snapshot": document | {"revision": 1, "body": {"for": "2m"}},
        },
        alert
        | {"what": "resolved", "snapshot": snapshot(version=3, status="resolved", resolved_at=9, value=None)},
        {
            "subject": "document",
            "subject_id": "d1",
            "by": "ben",
            "snapshot": document | {"revision": 2, "body": None},
        },
        {"subject": "command", "subject_id": "k1", "snapshot": {"command": "k1", "result": "refused"}},
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


def test_offsets_with_rows(store: Store, database: Engine, story: list[Placed]) -> None:
    """The offset is stored with the rows; a batch that fails leaves neither."""
    after = store.write(story[:2], {}, "i1")
    bad = Placed(0, 3, story[2].change.model_copy(update={"id": "c9", "snapshot": {"id": 7}}))  # type: ignore[union-attr]
    with pytest.raises(Refused, match="snapshot"):
        store.write([story[2], bad], after, "i1")

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


def test_another_schema(store: Store, database: Engine) -> None:
    """Tables of another version are refused with the fix."""
    store.prepare()
    with database.begin() as connection:
        connection.execute(schema.about.update().values(value="99"))
    with pytest.raises(Misconfigured, match="move the database away"):
        store.prepare()


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


@pytest.mark.parametrize(
    ("subject", "found", "words"),
    [
        ("alert", {"id": "a1"}, "`instance`"),
        ("alert", {"version": "2"}, "`version`"),
        ("document", None, "snapshot"),
        ("command", {"command": "k1", "result": "perhaps"}, "`result`"),
    ],
)
def test_poison(change: Any, snapshot: Any, subject: str, found: Any, words: str) -> None:
    """A snapshot that does not fit names its field."""
    fields = snapshot(**found) if found and "version" in found else found
    poison = Change.read(change(subject=subject, snapshot=fields).model_dump(by_alias=True))
    with pytest.raises(Refused, match=words):
        fold([Placed(0, 0, poison)])


@pytest.mark.parametrize("text", ["mysql://x/y", "what", "oracle://x", "postgresql://u:p@ss@host/name"])
def test_addresses_that_cannot_be(text: str) -> None:
    """TOCSIN_DATABASE is named where it cannot be used, and its password never is."""
    with pytest.raises(Misconfigured, match="TOCSIN_DATABASE"):
        address(Settings(database=text))
