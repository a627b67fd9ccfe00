"""A database of any release is opened and goes on; one of a newer Tocsin is left alone."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from sinks.history import schema
from sinks.history.migrate import configuration, revision
from sinks.history.store import Position, Store
from streams.audit_chain import exported
from streams.errors import Misconfigured
from tests.sinks.history.harness import log_of_release, open_release, rows


def test_a_new_database_has_the_tables_that_are_defined(store: Store, database: Engine) -> None:
    """All migrations one after the other make what `schema` says, and the newest bears its version."""
    with database.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, schema.metadata) == []
        script = ScriptDirectory.from_config(configuration(connection))
        assert script.get_current_head() == context.get_current_revision() == revision(schema.VERSION)


def test_a_database_of_release_1_is_opened_and_loses_nothing(database: Engine) -> None:
    """Its alerts, timeline, documents, commands and offsets stand in today's columns, and reading goes on there."""
    open_release(database, 1)
    store = Store(database)
    store.prepare()

    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        alerts = {row.id: row for row in connection.execute(select(schema.alerts))}
        sequences = list(
            connection.scalars(select(schema.timeline.c.sequence).order_by(schema.timeline.c.sequence))
        )
    held, over = alerts["held"], alerts["over"]
    assert (held.fingerprint, held.groups, held.acknowledged_until) == (
        "prod|r1|held",
        ["payments/1234"],
        1_764_003_600_002,
    )
    assert held.data_quality == ["nothing has come from bridge for 1m"]
    assert (over.groups, over.data_quality, over.acknowledged_until) == ([], [], None)
    assert (store.positions(), sequences) == ({0: Position(12, "life-1")}, list(range(1, 13)))


def test_what_release_1_wrote_is_read_alike_from_its_database_and_from_its_log(database: Engine) -> None:
    """A migrated database holds the rows that today's code makes of the same log; a second start changes nothing."""
    open_release(database, 1)
    store = Store(database)
    store.prepare()
    store.prepare()
    migrated = rows(database, ("snapshot", "reason_code", "reason"))
    with database.connect() as connection:
        answers = connection.execute(select(schema.commands)).mappings().all()
    codes = {row["id"]: (row["do"], row["digest"], row["code"], row["reason"]) for row in answers}
    with database.begin() as connection:
        for table in schema.metadata.sorted_tables:
            if table is not schema.about:
                connection.execute(table.delete())
    store.write(log_of_release(1), {}, "life-1")

    assert rows(database, ("snapshot", "reason_code", "reason")) == migrated
    with database.connect() as connection:
        answers = connection.execute(select(schema.commands)).mappings().all()
    assert {row["id"]: (row["do"], row["digest"], row["code"], row["reason"]) for row in answers} == codes
    assert codes["k1"] == ("acknowledge", "d1g", "", "acknowledged 1 alert")
    assert codes["k2"][2:] == ("conflict", "rule r is at revision 1, your edit is based on 0: read it again")
    assert codes["k3"][2:] == ("not_found", "platform has no alert prod|r1|gone")


def test_the_points_of_an_anomaly_bear_their_new_name(database: Engine) -> None:
    """The curve of an alert that fired under release 1 is found where readers look for it."""
    open_release(database, 1)
    Store(database).prepare()
    of = schema.timeline.c
    with database.connect() as connection:
        snapshots = connection.scalars(select(of.snapshot).where(of.alert_id == "odd")).all()
    (reading,) = [snapshot["anomaly"] for snapshot in snapshots]
    assert len(reading["recent_points"]) == 2
    assert "trail" not in reading


@pytest.mark.parametrize("version", ["99", "soon"])
def test_a_newer_schema(store: Store, database: Engine, version: str) -> None:
    """Tables of a version that we do not know are refused with the fix, and not touched."""
    with database.begin() as connection:
        connection.execute(schema.about.update().values(value=version))
    before = columns(database)
    with pytest.raises(
        Misconfigured, match=f"has schema {version}, .*: update Tocsin, or move the database away"
    ):
        store.prepare()
    assert columns(database) == before


def test_a_migration_that_fails_leaves_the_tables_as_they_were(database: Engine) -> None:
    """All or nothing: a table in the way of a migration's end undoes its beginning."""
    open_release(database, 1)
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE commands ADD COLUMN code TEXT"))
    before = columns(database)
    with pytest.raises(SQLAlchemyError):
        Store(database).prepare()
    assert columns(database) == before
    with database.connect() as connection:
        assert connection.scalar(select(schema.about.c.value)) == "1"


def test_tables_without_a_version_are_completed(database: Engine) -> None:
    """A first start of release 1 that was cut off after its tables were made is taken for a first start."""
    open_release(database, 1)
    with database.begin() as connection:
        connection.execute(schema.about.delete())
    Store(database).prepare()
    assert "fingerprint" in columns(database)["alerts"]


def columns(database: Engine) -> dict[str, Any]:
    """The names of all columns by table."""
    found = inspect(database)
    return {table: [one["name"] for one in found.get_columns(table)] for table in found.get_table_names()}


def test_revisions_of_before_are_chained(database: Engine) -> None:
    """What release 1 knew of its documents stands as revisions, in a chain that holds, and goes on from there."""
    open_release(database, 1)
    store = Store(database)
    store.prepare()
    with database.connect() as connection:
        rows_ = (
            connection.execute(select(schema.revisions).order_by(schema.revisions.c.place)).mappings().all()
        )
    assert [(row["name"], row["revision"], row["what"], row["by"]) for row in rows_] == [
        ("r", 1, "created", "ben"),
        ("r", 2, "deleted", "ben"),
    ]
    (check,) = exported([dict(row) for row in rows_])
    assert (check.fault, check.lines, check.first) == (None, 2, 1)
