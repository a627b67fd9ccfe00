"""Opens the read model's database: SQLite in the data folder, or PostgreSQL where an address is set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from streams import database
from streams.errors import Misconfigured
from streams.settings import Settings


def address(settings: Settings) -> URL:
    """Where the read model lies; Misconfigured where TOCSIN_DATABASE names nothing that we can open."""
    if not settings.database:
        return URL.create("sqlite", database=str(Path(settings.data) / database.FILE))
    try:
        url = make_url(database.address(settings))
    except ArgumentError:
        raise Misconfigured(
            "TOCSIN_DATABASE cannot be read: write postgresql://user:password@host/name"
        ) from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg").update_query_dict(database.UTF8)
    if url.get_backend_name() == "sqlite":
        return url.set(drivername="sqlite")
    raise Misconfigured(
        f"TOCSIN_DATABASE: {url.get_backend_name()} is neither sqlite nor postgresql: write postgresql://user:password@host/name"
    )


def engine(url: URL) -> Engine:
    """A pool of connections for one writer; nothing is opened before the first use."""
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        made = create_engine(
            url,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            hide_parameters=True,  # an error would otherwise say all that it could not write
            connect_args=database.patience(url.get_backend_name()),
        )
    except NoSuchModuleError:
        raise Misconfigured("TOCSIN_DATABASE: the driver for this database is not installed") from None
    if made.dialect.name == "sqlite":
        event.listen(made, "connect", _pragmas)
        event.listen(made, "begin", _begin)
    return made


def _pragmas(connection: Any, _: object) -> None:
    """Let readers read while we write (WAL), and wait for a lock instead of failing.

    NORMAL may lose the newest commits in a power cut; rows and offset are lost together, and are read
    again from Kafka.
    """
    # The driver would begin late, and leave definitions of tables out of it.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA busy_timeout=10000")


def _begin(connection: Connection) -> None:
    """Take the lock of writers at once, so that two of them never both read before one writes."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
