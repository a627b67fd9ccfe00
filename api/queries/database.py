"""The read model as the API sees it: read only, and never on the event loop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import orjson
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from sinks.history import schema
from streams import database
from streams.errors import Misconfigured
from streams.settings import Settings

T = TypeVar("T")


def address(settings: Settings) -> URL:
    """Where the read model lies; Misconfigured where TOCSIN_DATABASE names nothing that we can open."""
    if not settings.database:
        return URL.create("sqlite", database=str(Path(settings.data) / database.FILE))
    drivers = {"postgresql": "postgresql+psycopg", "sqlite": "sqlite"}
    try:
        url = make_url(database.address(settings))
        named = url.set(drivername=drivers[url.get_backend_name()])
        return named if named.get_backend_name() == "sqlite" else named.update_query_dict(database.UTF8)
    except (ArgumentError, KeyError):
        raise Misconfigured(
            "TOCSIN_DATABASE cannot be used: write postgresql://user:password@host/name, or leave it empty"
        ) from None


def reader(url: URL) -> Engine:
    """A pool of connections that cannot write; nothing is opened before the first query.

    Each wait for the database holds one of the few threads that read.
    """
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    made = create_engine(
        url,
        json_deserializer=orjson.loads,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args=database.patience(url.get_backend_name()),
    )
    if made.dialect.name == "sqlite":
        event.listen(made, "connect", _read_only)
        event.listen(made, "begin", _begin)
        return made
    return made.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")


def writer(url: URL) -> Engine:
    """A pool of connections for the few rows that the API itself owns; it waits for the locks of others."""
    made = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=2,
        hide_parameters=True,
        connect_args=database.patience(url.get_backend_name()),
    )
    if made.dialect.name == "sqlite":
        event.listen(made, "connect", _patient)
    return made


def _patient(connection: Any, _: object) -> None:
    connection.execute("PRAGMA busy_timeout=5000")


def _begin(connection: Connection) -> None:
    """One state for all that a transaction reads: the driver itself begins one only to write."""
    connection.exec_driver_sql("BEGIN")


def _read_only(connection: Any, _: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA busy_timeout=5000")


class Database:
    """Runs queries in threads; each in a transaction of its own, hence on one consistent state."""

    def __init__(self, engine: Engine) -> None:
        """`engine`: from `reader`."""
        self._engine = engine

    async def read(self, query: Callable[[Connection], T]) -> T:
        """What the query returns."""
        return await run_in_threadpool(self._run, query)

    def _run(self, query: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return query(connection)

    async def reachable(self) -> str:
        """Empty where the read model can be read and is of our version, else why not."""
        try:
            version = await self.read(_version)
        except SQLAlchemyError as why:
            words = f"the read model cannot be read ({type(why).__name__})"
            if self._engine.dialect.name == "postgresql" and isinstance(why, OperationalError):
                return f"{words}: {database.remedy(why.orig)}; the history sink's log has the database's own words"
            return f"{words}: is the history sink running?"
        if version == str(schema.VERSION):
            return ""
        words = f"the read model has schema {version}, and this Tocsin reads schema {schema.VERSION}"
        older = version is not None and version.isdecimal() and int(version) < schema.VERSION
        return f"{words}: {'the history sink brings it there when it starts' if older else 'update Tocsin'}"

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _version(connection: Connection) -> str | None:
    version = connection.scalar(select(schema.about.c.value).where(schema.about.c.name == "schema"))
    return None if version is None else str(version)
