"""The first request after a start waits for nothing that could have been made ready before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.api.hostile import MOST
from tests.layout import ROOT
from tests.patience import PATIENCE

COUNTED = """
import asyncio, sys, time
from pathlib import Path
from sqlalchemy import URL
from api.http.app import create
from api.queries.database import Database, reader
from tests.api.conftest import ADMIN, Broker, History, Respond, wired
from tests.api.hostile import Calls, Hostile, answered

async def main(folder):
    file = folder / "history.sqlite"
    history = History(file)
    database = Database(reader(URL.create("sqlite", database=str(file))))
    dependencies = wired(folder, database, Respond(history), Broker())
    app, token = create(dependencies), dependencies.tokens.issue(ADMIN, int(time.time()), 600)
    async with app.router.lifespan_context(app):
        with Calls() as calls:
            status, _ = await answered(app, token, Hostile("first", "GET", "/overview"))
    print(status, calls.count)

asyncio.run(main(Path(sys.argv[1])))
"""


def test_of_a_page(tmp_path: Path) -> None:
    """In a process of its own, since what is made ready once serves all applications of a process."""
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    status, calls = map(int, done.stdout.split()[-2:])
    assert (status, calls < MOST) == (200, True), done.stdout
