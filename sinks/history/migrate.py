"""The tables of the read model in the version of this Tocsin: made, or brought there from an earlier one."""

from __future__ import annotations

from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, delete, insert, inspect, select

from sinks.history import schema
from streams.errors import Misconfigured

log = structlog.get_logger()


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing, in the connection's own transaction: all of them, or none.

    Misconfigured where a newer Tocsin made the tables. The table `about` says the version to readers, and to a Tocsin
    of before migrations, which refuses it there.
    """
    known = _version(connection)
    if known == str(schema.VERSION):
        return
    if known is not None and not (known.isdecimal() and int(known) < schema.VERSION):
        raise Misconfigured(
            f"the read model has schema {known}, and this Tocsin writes schema {schema.VERSION}: update Tocsin, or "
            "move the database away, and it is built anew from the topic `changes`"
        )
    log.info("preparing the read model", schema=known or "none", to=schema.VERSION)
    config = configuration(connection)
    if known is not None and MigrationContext.configure(connection).get_current_revision() is None:
        command.stamp(config, revision(int(known)))  # made before there were migrations
    command.upgrade(config, "head")
    connection.execute(delete(schema.about).where(schema.about.c.name == "schema"))
    connection.execute(insert(schema.about).values(name="schema", value=str(schema.VERSION)))


def configuration(connection: Connection) -> Config:
    """What Alembic is told: where the migrations lie, and the connection to run them in."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def revision(version: int) -> str:
    """The name that a version of the schema has among the migrations."""
    return f"{version:04}"


def _version(connection: Connection) -> str | None:
    """What the tables say of themselves; None where there are none yet."""
    if not inspect(connection).has_table(schema.about.name):
        return None
    return connection.scalar(select(schema.about.c.value).where(schema.about.c.name == "schema"))
