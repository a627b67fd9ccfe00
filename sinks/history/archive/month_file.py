"""Adds rows to a month's file of the archive: each row once; after a crash the file is the old one or the new one."""

from __future__ import annotations

import csv
import gzip
import io
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from streams.errors import DamagedState
from streams.text.spreadsheet import harmless

DRAFT = ".draft"  # the ending of a file that is being written
# What a file that was cut or altered raises when it is read.
DAMAGE = (gzip.BadGzipFile, EOFError, zlib.error, csv.Error, UnicodeDecodeError)
csv.field_size_limit(1 << 24)


def add(file: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> int:
    """Write the rows whose `id` the file has not, and return how many; when it returns, they are on the disk.

    The old file is copied and the rows follow it as one more gzip member; only after an update, which changed the
    columns, is it written anew.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = ids(file)
    new = [row for row in rows if row["id"] not in known]
    if not new:
        return 0
    draft = file.with_name(file.name + DRAFT)
    with open(draft, "wb", opener=_private) as out:
        head = _begin(file, columns, out)
        out.write(gzip.compress(_lines(columns, new, head), mtime=0))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
    sync(file.parent)
    return len(new)


def ids(file: Path) -> set[str]:
    """The ids of the rows that the file holds; none where there is no file."""
    return {row["id"] for row in read(file)} if file.exists() else set()


def read(file: Path) -> Iterator[dict[str, str]]:
    """The rows of a file, as they are written; DamagedState where it does not read back."""
    try:
        with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)
    except DAMAGE as why:
        raise DamagedState(f"{file}: {type(why).__name__}: {why}") from None


def sync(folder: Path) -> None:
    """Let what was renamed or removed in a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _begin(file: Path, columns: Sequence[str], out: BinaryIO) -> bool:
    """What stood in the file goes first; whether the names of the columns are still to be written."""
    if not file.exists():
        return True
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        same = next(csv.reader(lines), None) == list(columns)
    if same:
        with file.open("rb") as old:
            shutil.copyfileobj(old, out)
        return False
    text = io.StringIO()
    table = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\r\n")
    table.writeheader()
    table.writerows(read(file))
    out.write(gzip.compress(text.getvalue().encode(), mtime=0))
    return False


def _lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], head: bool) -> bytes:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    if head:
        table.writerow(columns)
    table.writerows([_cell(row[name]) for name in columns] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str | int | float:
    match value:
        case None:
            return ""
        case str():
            return harmless(value)
        case bool():
            return int(value)
        case int() | float():
            return value
    return orjson.dumps(value).decode()
