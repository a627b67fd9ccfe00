"""A data folder in one file, and back: all of it or nothing, and never while somebody writes there."""

from __future__ import annotations

import gzip
import os
import stat
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from deploy.data_backup import back_up, restore
from deploy.slots import Slot
from streams.errors import Misconfigured

KEPT = {
    "tocsin.json": b"{}",
    "keys/system": b"secret",
    "broker/inbox-0/0.log": os.urandom(300_000),
    "empty": b"",
}
PASSING = ("log/api.log", "pulse/api", "slots/api", "broker.lock", "archive/x.csv.gz.draft")
MADE = "2026-12-07T08:00:00Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder."""
    made = tmp_path / "data"
    for name, text in {**KEPT, **dict.fromkeys(PASSING, b"x")}.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(text)
    return made


def held(folder: Path) -> dict[str, bytes]:
    """The files of a folder by their names."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_there_and_back(folder: Path, tmp_path: Path) -> None:
    """Each file comes back byte for byte with its mode; what each start makes anew is left out."""
    (folder / "keys/system").chmod(0o600)
    head = back_up(folder, tmp_path / "b.tar.gz", MADE)
    assert (head.files, stat.S_IMODE((tmp_path / "b.tar.gz").stat().st_mode)) == (len(KEPT), 0o600)
    assert restore(tmp_path / "b.tar.gz", tmp_path / "new") == head
    assert held(tmp_path / "new") == KEPT
    assert stat.S_IMODE((tmp_path / "new/keys/system").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


@pytest.mark.parametrize("lock", ["broker.lock", "slots/api"])
def test_not_while_it_runs(folder: Path, tmp_path: Path, lock: str) -> None:
    """A process that runs is named, and no file is written; afterwards it goes."""
    with (
        Slot(folder / lock).hold(),
        pytest.raises(Misconfigured, match=f"stop it first.*held by process {os.getpid()}"),
    ):
        back_up(folder, tmp_path / "b.tar.gz", MADE)
    assert not (tmp_path / "b.tar.gz").exists()
    back_up(folder, tmp_path / "b.tar.gz", MADE)


def test_nothing_is_overwritten(folder: Path, tmp_path: Path) -> None:
    """Neither a file that is there, nor a folder that holds something; nothing to keep is said as well."""
    back_up(folder, tmp_path / "b.tar.gz", MADE)
    with pytest.raises(Misconfigured, match="is there already"):
        back_up(folder, tmp_path / "b.tar.gz", MADE)
    with pytest.raises(Misconfigured, match="is not empty"):
        restore(tmp_path / "b.tar.gz", folder)
    (tmp_path / "none").mkdir()
    with pytest.raises(Misconfigured, match="holds nothing"):
        back_up(tmp_path / "none", tmp_path / "c.tar.gz", MADE)
    restore(tmp_path / "b.tar.gz", tmp_path / "none")
    assert held(tmp_path / "none") == KEPT


def test_a_file_that_was_cut_off(folder: Path, tmp_path: Path) -> None:
    """Wherever it ends: nothing is restored, and nothing is left behind."""
    back_up(folder, tmp_path / "b.tar.gz", MADE)
    whole = (tmp_path / "b.tar.gz").read_bytes()
    for length in (0, 10, 400, len(whole) // 2, len(whole) - 150):
        (tmp_path / "cut.tar.gz").write_bytes(whole[:length])
        with pytest.raises(Misconfigured, match="no whole backup"):
            restore(tmp_path / "cut.tar.gz", tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar.gz", "cut.tar.gz", "data"]


def test_more_than_there_is_room_for(folder: Path, tmp_path: Path) -> None:
    """It is refused before the disk is full, by what the files hold and not by what the backup weighs."""
    (folder / "zeros").write_bytes(bytes(5_000_000))
    back_up(folder, tmp_path / "b.tar.gz", MADE)
    assert (tmp_path / "b.tar.gz").stat().st_size < 1_000_000
    with pytest.raises(Misconfigured, match=r"has room for 5 MB .* make room there"):
        restore(tmp_path / "b.tar.gz", tmp_path / "new", room=5_000_000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar.gz", "data"]
    restore(tmp_path / "b.tar.gz", tmp_path / "new", room=6_000_000)
    assert len((tmp_path / "new/zeros").read_bytes()) == 5_000_000


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE]
)
def test_what_is_no_file(tmp_path: Path, kind: bytes) -> None:
    """A backup holds plain files: links, devices and pipes are none, wherever they lead."""
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as tar:
        about = tarfile.TarInfo("keys/system")
        about.type, about.linkname = kind, "/etc/passwd"
        tar.addfile(about)
    with pytest.raises(Misconfigured, match="keys/system is no plain file"):
        restore(tmp_path / "b.tar.gz", tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["b.tar.gz"]


def test_a_header_that_would_fill_the_memory(tmp_path: Path) -> None:
    """Some headers are read whole, so one of a hundred megabytes is refused unread, however small it is packed."""
    about = tarfile.TarInfo("././@PaxHeader")
    about.type, about.size = tarfile.XHDTYPE, 100_000_000
    with gzip.open(tmp_path / "b.tar.gz", "wb", compresslevel=1) as packed:
        packed.write(about.tobuf(tarfile.USTAR_FORMAT))
        for _ in range(100):
            packed.write(bytes(1_000_000))
    tracemalloc.start()
    with pytest.raises(Misconfigured, match="no whole backup"):
        restore(tmp_path / "b.tar.gz", tmp_path / "new")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10_000_000


def test_a_file_that_somebody_changed(folder: Path, tmp_path: Path) -> None:
    """A member that is another than it was, missing, or leads out of the folder: nothing is restored."""
    back_up(folder, tmp_path / "b.tar.gz", MADE)
    for number, (name, renamed) in enumerate(
        (("keys/system", "keys/other"), ("tocsin.json", "../evil"), ("tocsin-backup.sha256", "sums"))
    ):
        changed = tmp_path / f"{number}.tar.gz"
        with tarfile.open(tmp_path / "b.tar.gz") as old, tarfile.open(changed, "w:gz") as new:
            for member in old.getmembers():
                content = old.extractfile(member)
                member.name = renamed if member.name == name else member.name
                new.addfile(member, content)
        with pytest.raises(Misconfigured, match="no whole backup"):
            restore(changed, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "evil").exists()
