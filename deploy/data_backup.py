"""All of a data folder in one file, and back: with the sum of each file, so that what is cut off or damaged is refused.

Tocsin stands still meanwhile: the locks that its processes hold are taken, so the files fit each other.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from deploy.slots import Slot
from streams.errors import Misconfigured

FORMAT = 1
HEAD, SUMS = "tocsin-backup.json", "tocsin-backup.sha256"  # the first and the last member
LEFT_OUT = frozenset({"pulse", "slots", "log"})  # of the folder: made anew at each start
BLOCK = 1 << 20  # bytes that are read at once
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


def restore(source: Path, folder: Path) -> BackupHead:
    """Make the folder what it was when the backup was made; all of it, or nothing.

    Misconfigured where the folder holds something, or the file is no whole backup.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Misconfigured(f"{folder} is not empty: move it away, or name a new folder with TOCSIN_DATA")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f"{folder.name}.restoring")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        with tarfile.open(source, "r:gz") as tar:
            tar.extractall(draft, filter="data")
        head = _verified(draft)
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError, OSError) as why:
        shutil.rmtree(draft, ignore_errors=True)
        if isinstance(why, FileNotFoundError) and not source.exists():
            raise
        raise Misconfigured(f"{source} is no whole backup ({why}): nothing was restored") from None
    draft.chmod(0o700)
    if folder.exists():
        folder.rmdir()
    draft.rename(folder)
    return head


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
