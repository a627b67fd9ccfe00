"""Where the read model lies, as far as that can be judged without opening it; its writer and its readers agree here."""

from __future__ import annotations

from typing import Any

from streams.errors import Misconfigured
from streams.settings import Settings

UTF8 = {"client_encoding": "utf8"}  # of PostgreSQL: one that was made as SQL_ASCII gives bytes otherwise
# of libpq: seconds for a connection, and ms after which one is dead whose other end acknowledges nothing
PATIENCE = {"connect_timeout": 10, "tcp_user_timeout": 20_000}
FILE = "history.sqlite"  # in the data folder, where no other database is set


def address(settings: Settings) -> str:
    """TOCSIN_DATABASE as it is written; Misconfigured where a password holds an `@`.

    The rest of the password would be taken for the host, and be told in an error.
    """
    if settings.database.count("@") > 1:
        raise Misconfigured(
            "TOCSIN_DATABASE: write %40 for each @ in the password, or set PGPASSWORD instead"
        )
    return settings.database


def patience(backend: str) -> dict[str, int]:
    """How long a database on another machine is waited for, as arguments of its driver."""
    return PATIENCE if backend == "postgresql" else {}


def remedy(failed: object) -> str:
    """What an operator does where it cannot be opened; `failed`: the driver's error, which libpq's marks tell apart."""
    connection: Any = getattr(failed, "pgconn", None)  # psycopg keeps the failed one; SQLite has none
    if connection is not None and connection.needs_password:
        return "it asks for a password, and none was given: set PGPASSWORD, or PGPASSFILE"
    if connection is not None and connection.used_password:
        return "it answers, and refuses us: correct the password (PGPASSWORD), or user and database in TOCSIN_DATABASE"
    return "start the database, or correct TOCSIN_DATABASE"
