"""A PostgreSQL of this machine for tests and measurements: Debian's, or one on the path; none where there is none.

It is made anew in a folder of its own, listens on a socket there and nowhere else, and ends with whoever asked for it.
TEST_POSTGRESQL names another one instead, by an empty database.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from tests.patience import PATIENCE

SETTING = "TEST_POSTGRESQL"
NEEDED = ("initdb", "postgres", "pg_ctl")
NOBODY = 65534  # PostgreSQL refuses to run as root
# It is thrown away afterwards: nothing has to survive a power cut.
QUICK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "max_connections=20",
)
MISSING = (
    f"no PostgreSQL: install Debian's `postgresql`, or set {SETTING} to postgresql://user:password@host/name"
)


def programs() -> Path | None:
    """The folder of the server's programs; None where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = [Path(found).parent for found in [shutil.which("initdb")] if found]
    for folder in (*debian, *on_path):
        if all((folder / name).exists() for name in NEEDED):
            return folder
    return None


@contextmanager
def postgresql() -> Iterator[str | None]:
    """The address of an empty database while the block runs; None where this machine has no server."""
    if given := os.environ.get(SETTING):
        yield given
        return
    folder = programs()
    if folder is None:
        yield None
        return
    with (
        tempfile.TemporaryDirectory(prefix="tocsin-pg-", ignore_cleanup_errors=True) as place,
        _server(folder, Path(place)),
    ):
        yield f"postgresql://tocsin@/postgres?host={quote(place, safe='')}"


@contextmanager
def _server(programs: Path, place: Path) -> Iterator[None]:
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        os.chown(place, NOBODY, NOBODY)
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    quiet: dict[str, Any] = {"cwd": place, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **user}
    make = (programs / "initdb", "--pgdata", place / "data", "--username", "tocsin", "--auth", "trust", "--no-sync",
            "--encoding", "UTF8", "--locale", "C")  # fmt: skip
    subprocess.run(make, check=True, **quiet)
    options = [word for setting in (*QUICK, f"unix_socket_directories={place}") for word in ("-c", setting)]
    with (place / "log").open("wb") as log:
        server = subprocess.Popen(
            (programs / "postgres", "-D", place / "data", *options), **{**quiet, "stdout": log, "stderr": log}
        )
    try:
        _await(place, server)
        yield
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _await(place: Path, server: subprocess.Popen[bytes]) -> None:
    """Until it takes connections: its socket is there before."""
    until = time.monotonic() + PATIENCE
    while not _answers(place):
        if server.poll() is not None or time.monotonic() > until:
            raise RuntimeError(
                f"PostgreSQL did not start: {(place / 'log').read_text(errors='replace')[-500:]}"
            )
        time.sleep(0.05)


def _answers(place: Path) -> bool:
    try:
        psycopg.connect(host=str(place), user="tocsin", dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True
