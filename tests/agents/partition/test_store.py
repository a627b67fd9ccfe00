"""The local copy of rows: what each start leaves of RocksDB's own."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from agents.partition.store import lean


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
