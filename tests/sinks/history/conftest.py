"""The databases that the read model's tests run on: SQLite, and PostgreSQL where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData

from sinks.history.database import address, engine
from sinks.history.store import Store
from streams.settings import Settings
from tests.sinks.postgresql import MISSING, postgresql


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of an empty database of PostgreSQL; skipped where this machine has none."""
    with postgresql() as found:
        if found is None:
            pytest.skip(MISSING)
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    sqlite = f"sqlite:///{tmp_path / 'history.sqlite'}"
    url = sqlite if request.param == "sqlite" else request.getfixturevalue("server")
    made = engine(address(Settings(database=url)))
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
