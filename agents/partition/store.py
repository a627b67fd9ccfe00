"""The local copy of rows: Faust's rocksdict store, read and written directly, one partition at a time.

Faust fills it from the changelog before a partition is owned. We write it in one batch after the changelog has
acknowledged, together with the changelog's offset; so it is never ahead of the changelog. It needs no log of its own:
after a crash it holds the batches up to some instant, says up to which offset, and the changelog has the others.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import rocksdict
from faust.stores.rocksdb import RocksDBOptions

Rows = list[tuple[str, bytes | None]]


class LeanOptions(RocksDBOptions):
    """Faust's options, but that a partition opens with one thread instead of 16, and keeps one log of RocksDB's own.

    What it is given is neither logged nor compressed.
    """

    def open(self, path: Path, *, read_only: bool = False) -> Any:
        """The database; none of its writes is logged, since one that is must not survive others before it."""
        database = super().open(path, read_only=read_only)
        writing: Any = rocksdict.WriteOptions()  # its types call the property a method
        writing.disable_wal = True
        database.set_write_options(writing)
        return database

    def as_options(self) -> Any:
        """What RocksDB opens with; it would keep the logs of the last thousand starts, 25 KB each."""
        options = super().as_options()
        options.set_max_file_opening_threads(1)
        options.set_keep_log_file_num(1)
        options.set_compression_type(rocksdict.DBCompressionType.none())  # columns of numbers hardly shrink
        return options


class Store(Protocol):
    """Where one partition's rows are kept locally."""

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """All records, those that are no rows included."""
        ...

    def write(self, rows: Iterable[tuple[str, bytes | None]], offset: int | None) -> None:
        """Keep rows at once; None deletes. `offset`: of the last of them in the changelog, None where unknown."""
        ...


class PartitionStore:
    """One partition of a Faust table's store."""

    def __init__(self, table: Any, partition: int) -> None:
        """`table`: a Faust table on rocksdict whose partition has been recovered."""
        self._store, self._partition = table.data, partition

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """All records of the partition."""
        for key, value in self._store._visible_items(self._database()):  # noqa: SLF001 - see _database
            yield key.decode(), value

    def write(self, rows: Iterable[tuple[str, bytes | None]], offset: int | None) -> None:
        """One atomic batch of rows and the changelog's offset."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in rows:
            if value is None:
                batch.delete(key.encode())
            else:
                batch.put(key.encode(), value)
        if offset is not None:
            batch.put(self._store.offset_key, str(offset).encode())
        self._database().write(batch)

    def _database(self) -> Any:
        """Faust's public way to a row needs a message in hand; ours is written beside the messages."""
        return self._store._db_for_partition(self._partition)  # noqa: SLF001


def lean(table: Any) -> None:
    """Let the store of a Faust table that nothing has opened yet open its partitions with `LeanOptions`."""
    table.data.rocksdb_options = LeanOptions(  # Faust's own would allow 2 GB of cache for each partition
        block_cache_size=1 << 19,  # rows are read once, one after the other, when a partition is owned
        write_buffer_size=2 << 20,
        max_write_buffer_number=2,
        max_open_files=64,
    )


def prepare(folder: Path, incarnation: str) -> Path:
    """The folder for a worker's store, emptied where it was filled from another incarnation of the changelog."""
    mark = folder / "incarnation"
    if folder.exists() and (not mark.exists() or mark.read_text() != incarnation):
        wipe(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(incarnation)
    return folder


def wipe(folder: Path) -> None:
    """Forget the local copy; the next start recovers it from the changelog."""
    shutil.rmtree(folder, ignore_errors=True)
