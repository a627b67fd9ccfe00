"""The local copy of rows: what each start leaves of RocksDB's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import rocksdict

from agents.partition.store import lean

WRITE = """
import os, signal, sys
from pathlib import Path
from tests.agents.partition.test_store import batch, opened
database = opened(Path(sys.argv[1]))
for number in range(80):
    database.write(batch(number))
    if number == 40:
        database.flush(wait=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def opened(folder: Path) -> Any:
    """A partition's database, as Faust opens it."""
    table = SimpleNamespace(data=SimpleNamespace())
    lean(table)
    return table.data.rocksdb_options.open(folder)


def batch(number: int) -> Any:
    """A row of its own, one that all write, and the offset: 200 kB."""
    made = rocksdict.WriteBatch(raw_mode=True)
    made.put(b"row-%03d" % number, bytes(100_000))
    made.put(b"shared", str(number).encode() + bytes(100_000))
    made.put(b"offset", str(number).encode())
    return made


def test_a_kill_leaves_a_beginning(tmp_path: Path) -> None:
    """After a kill the store holds just the batches up to the offset that it names."""
    subprocess.run([sys.executable, "-c", WRITE, str(tmp_path / "0")], check=False)
    database = opened(tmp_path / "0")
    last = int(database.get(b"offset"))
    assert last >= 40
    keys = list(database.keys())
    assert [int(key[4:]) for key in keys if key.startswith(b"row-")] == list(range(last + 1))
    assert int(database.get(b"shared")[:-100_000]) == last


def test_writes_are_not_logged(tmp_path: Path) -> None:
    """What is written lies in memory until there is enough of it, or the end: there is no second copy on the disk."""
    database = opened(tmp_path / "0")
    for number in range(5):
        database.write(batch(number))
    assert sum(file.stat().st_size for file in (tmp_path / "0").glob("*.log")) == 0
    del database
    assert int(opened(tmp_path / "0").get(b"offset")) == 4


def test_starts_keep_one_log(tmp_path: Path) -> None:
    """RocksDB's own logs of earlier starts go; rows of these stay."""
    table = SimpleNamespace(data=SimpleNamespace())
    lean(table)
    for number in range(3):
        database = table.data.rocksdb_options.open(tmp_path / "0")
        database.put(b"row", str(number).encode())
        del database
    database = table.data.rocksdb_options.open(tmp_path / "0")
    assert database.get(b"row") == b"2"
    assert len(list((tmp_path / "0").glob("LOG*"))) == 1
