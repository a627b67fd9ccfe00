"""All of a data folder in one file, and back: with the sum of each file, so that what is cut off or damaged is refused.

Tocsin stands still meanwhile: the locks that its processes hold are taken, so the files fit each other.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import secrets
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from deploy.slots import Slot
from streams.errors import Misconfigured

FORMAT = 1
HEAD, SUMS = "tocsin-backup.json", "tocsin-backup.sha256"  # the first and the last member
LEFT_OUT = frozenset({"pulse", "slots", "log"})  # of the folder: made anew at each start
BLOCK = 1 << 20  # bytes that are read at once
LEFT = 64 << 20  # bytes of the disk that a restore leaves free
MOST = 1_000_000  # files
RUNNING = "Tocsin runs on this folder: stop it first (Ctrl-C where `tocsin up` runs), so that the files fit each other"


@dataclass(frozen=True)
class BackupHead:
    """What a backup says of itself. `made`: in UTC; `files`: how many it holds."""

    format: int
    made: str
    files: int


def back_up(folder: Path, target: Path, made: str) -> BackupHead:
    """Write all of the folder to one file that only its owner may read; `made`: now, as it is to be told.

    Misconfigured where Tocsin runs, there is nothing to keep, or the file is there already.
    """
    if target.exists():
        raise Misconfigured(f"{target} is there already: name another file, or remove it")
    if not folder.is_dir() or not any(folder.iterdir()):
        raise Misconfigured(
            f"{folder} holds nothing: TOCSIN_DATA must name the folder that Tocsin has written"
        )
    with _standing_still(folder):
        files = list(_files(folder))
        head = BackupHead(FORMAT, made, len(files))
        # a name that nobody can have made before, since whoever has the file has all keys
        draft = target.with_name(f"{target.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as raw:
                _write(raw, folder, head, files)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    return head


def _write(raw: BinaryIO, folder: Path, head: BackupHead, files: list[Path]) -> None:
    with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as tar:
        _add(tar, HEAD, json.dumps(asdict(head)).encode())
        sums = [f"{_added(tar, folder, file)}  {file.relative_to(folder)}\n" for file in files]
        _add(tar, SUMS, "".join(sums).encode())
    raw.flush()
    os.fsync(raw.fileno())


class OpenedBackup:
    """What is in a compressed file, for `tarfile`: it never reads much at once, whatever sizes the file names."""

    def __init__(self, plain: gzip.GzipFile) -> None:
        """`plain`: the opened file."""
        self._plain = plain
        self.seek, self.tell = plain.seek, plain.tell

    def read(self, size: int) -> bytes:
        """So many bytes; ValueError where no member of ours would have that read in one piece."""
        if size > BLOCK:
            raise ValueError(f"it asks to read {size} bytes at once")
        return self._plain.read(size)


def restore(source: Path, folder: Path, room: int | None = None) -> BackupHead:
    """Make the folder what it was when the backup was made; all of it, or nothing.

    Misconfigured where the folder holds something, the file is no whole backup, or holds more than there is room for.
    `room`: bytes that it may fill; None: what is free on the folder's disk, less what others need there.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Misconfigured(f"{folder} is not empty: move it away, or name a new folder with TOCSIN_DATA")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f"{folder.name}.restoring")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        with (
            gzip.open(source) as plain,
            tarfile.open(fileobj=cast(Any, OpenedBackup(plain)), mode="r:") as tar,
        ):
            _extract(tar, draft, _room(folder.parent) if room is None else room)
        head = _verified(draft)
    except Misconfigured:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    except (tarfile.TarError, EOFError, zlib.error, ValueError, KeyError, TypeError, OSError) as why:
        shutil.rmtree(draft, ignore_errors=True)
        if isinstance(why, FileNotFoundError) and not source.exists():
            raise
        raise Misconfigured(f"{source} is no whole backup ({why}): nothing was restored") from None
    draft.chmod(0o700)
    if folder.exists():
        folder.rmdir()
    draft.rename(folder)
    return head


def _room(folder: Path) -> int:
    return shutil.disk_usage(folder).free - LEFT


def _extract(tar: tarfile.TarFile, draft: Path, room: int) -> None:
    """Write its files, one by one: what would fill the disk is refused before it does, however small it looks."""
    held = count = 0
    for member in tar:
        held, count = held + member.size, count + 1
        if held > room or count > MOST:
            raise Misconfigured(
                f"{draft.parent} has room for {room / 1_000_000:,.0f} MB and {MOST} files, and the backup holds more: "
                "make room there, or name a folder on another disk with TOCSIN_DATA; nothing was restored"
            )
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.size < 0:
            raise ValueError(f"{member.name:.80} is no plain file")
        tar.extract(member, draft, filter="data")
        tar.members.clear()  # type: ignore[attr-defined]  # else it would remember all of them


def _standing_still(folder: Path) -> ExitStack:
    """Holds the locks of all processes of the folder; Misconfigured where one runs."""
    held = ExitStack()
    try:
        for file in (folder / "broker.lock", *sorted((folder / "slots").glob("*"))):
            held.enter_context(Slot(file).hold())
    except Misconfigured as why:
        held.close()
        raise Misconfigured(f"{RUNNING} ({why})") from None
    return held


def _files(folder: Path) -> Iterator[Path]:
    """What is kept, in order: no logs, no signs of life, no locks and nothing half written."""
    for file in sorted(folder.rglob("*")):
        inner = file.relative_to(folder)
        passing = inner.parts[0] in LEFT_OUT or file.name.endswith((".lock", ".draft"))
        if file.is_file() and not file.is_symlink() and not passing:
            yield file


def _add(tar: tarfile.TarFile, name: str, text: bytes) -> None:
    about = tarfile.TarInfo(name)
    about.size, about.mode = len(text), 0o600
    tar.addfile(about, io.BytesIO(text))


def _added(tar: tarfile.TarFile, folder: Path, file: Path) -> str:
    """Add a file; its sum."""
    tar.add(file, str(file.relative_to(folder)), recursive=False)
    return _sum(file)


def _sum(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _verified(draft: Path) -> BackupHead:
    """What the backup says of itself; ValueError where a file is missing, or another than it was."""
    head = BackupHead(**json.loads((draft / HEAD).read_text()))
    if head.format != FORMAT:
        raise ValueError(f"it has format {head.format}, and this Tocsin reads {FORMAT}")
    lines = (draft / SUMS).read_text().splitlines()
    if len(lines) != head.files:
        raise ValueError(f"it names {len(lines)} of {head.files} files")
    named = {line.partition("  ")[2] for line in lines} | {HEAD, SUMS}
    if strange := {str(file.relative_to(draft)) for file in draft.rglob("*") if file.is_file()} - named:
        raise ValueError(f"it holds {min(strange)}, of which it has no sum")
    for line in lines:
        digest, _, name = line.partition("  ")
        if _sum(draft / name) != digest:
            raise ValueError(f"{name} is another than it was")
    for name in (HEAD, SUMS):
        (draft / name).unlink()
    return head
