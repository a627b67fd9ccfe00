"""The databases that the read model's tests run on: SQLite, and PostgreSQL where there is one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData

from sinks.history.database import address, engine
from sinks.history.store import Store
from streams.settings import Settings

SERVER = "TEST_POSTGRESQL"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: Any, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    url = str(tmp_path / "history.sqlite") if request.param == "sqlite" else os.environ.get(SERVER)
    if url is None:
        pytest.skip(f"no PostgreSQL: set {SERVER} to postgresql://user:password@host/an_empty_database")
    made = engine(address(Settings(database=f"sqlite:///{url}" if request.param == "sqlite" else url)))
    empty(made)
    yield made
    empty(made)
    made.dispose()


def empty(database: Engine) -> None:
    """Remove all tables, of whichever version."""
    held = MetaData()
    held.reflect(database)
    held.drop_all(database)


@pytest.fixture
def store(database: Engine) -> Store:
    """The read model, made."""
    one = Store(database)
    one.prepare()
    return one
