"""What a database of the read model holds, and the database and the log that release 1 left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, select, text

from sinks.history import schema
from sinks.history.earlier import translated
from sinks.history.projection import Placed
from streams.messages.change import Change

HERE = Path(__file__).parent
TABLES = [schema.alerts, schema.group_rules, schema.timeline, schema.documents, schema.commands]


def rows(database: Engine, without: tuple[str, ...] = ()) -> dict[str, list[Any]]:
    """All rows of all tables, without the sequence (and these columns), sorted."""
    held = {}
    with database.connect() as connection:
        for table in TABLES:
            columns = [column for column in table.c if column.name not in ("sequence", *without)]
            held[table.name] = sorted(map(repr, connection.execute(select(*columns))))
    return held


def open_release(database: Engine, release: int) -> None:
    """Fill an empty database with what a release left in its own."""
    with database.begin() as connection:
        for file in (f"release_{release}.{database.dialect.name}.sql", f"release_{release}.rows.sql"):
            for statement in (HERE / file).read_text().split(";\n"):
                if statement.strip():
                    connection.execute(text(statement.replace(":", "\\:")))


def log_of_release(release: int) -> list[Placed]:
    """The changes that a release wrote, as we read them."""
    lines = (HERE / f"release_{release}.changes.jsonl").read_bytes().splitlines()
    return [Placed(0, n, Change.read(translated(orjson.loads(line)))) for n, line in enumerate(lines)]
