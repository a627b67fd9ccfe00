"""Opens the read model's database: SQLite in the data folder, or PostgreSQL where an address is set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from streams.errors import Misconfigured
from streams.settings import Settings

FILE = "history.sqlite"


def address(settings: Settings) -> URL:
    """Where the read model lies; Misconfigured where TOCSIN_DATABASE names nothing that we can open."""
    if not settings.database:
        return URL.create("sqlite", database=str(Path(settings.data) / FILE))
    try:
        url = make_url(settings.database)
        if (
            settings.database.count("@") > 1
        ):  # the rest of a password would be taken for the host, and be told
            raise Misconfigured(
                "TOCSIN_DATABASE: write %40 for each @ in the password, or set PGPASSWORD instead"
            )
    except ArgumentError:
        raise Misconfigured(
            "TOCSIN_DATABASE cannot be read: write postgresql://user:password@host/name"
        ) from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
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
        )
    except NoSuchModuleError:
        raise Misconfigured("TOCSIN_DATABASE: the driver for this database is not installed") from None
    if made.dialect.name == "sqlite":
        event.listen(made, "connect", _pragmas)
    return made


def _pragmas(connection: Any, _: object) -> None:
    """Let readers read while we write (WAL), and wait for a lock instead of failing.

    NORMAL may lose the newest commits in a power cut; rows and offset are lost together, and are read
    again from Kafka.
    """
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA busy_timeout=10000")
