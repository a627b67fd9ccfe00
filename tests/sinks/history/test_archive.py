"""What is over and old goes to files by month: all of it, once, whenever the process is killed."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, select
from structlog.testing import capture_logs

from sinks.history import schema
from sinks.history.archive import month_file
from sinks.history.archive.archive import Archive
from sinks.history.database import engine
from sinks.history.housekeeping import HOUR, Housekeeping
from sinks.history.projection import Placed
from sinks.history.store import Store
from streams.archive import Kind, ends, file_name, month_of, named
from streams.topics import DAY
from tests.layout import ROOT

NOW = 1_764_000_000_000  # 2025-11-24
AFTER = 90 * DAY


def lived(change: Any, snapshot: Any, name: str, fired: int, resolved: int | None) -> list[Any]:
    """The changes of an alert."""
    about = {"subject": "alert", "subject_id": name, "alert_id": name}
    fields: dict[str, Any] = {"id": name, "triggered_at": fired}
    changes = [change(f"{name}.1", fired, **about, what="fired", alert=snapshot(**fields))]
    if resolved is not None:
        over = snapshot(**fields, version=2, status="resolved", resolved_at=resolved)
        changes.append(change(f"{name}.2", resolved, **about, what="resolved", alert=over))
    return changes


def filled(store: Store, change: Any, snapshot: Any, count: int) -> set[str]:
    """So many alerts that are over and old, over three months, one that is old and goes on, one that is new."""
    changes = [change("told", NOW - 200 * DAY, group="g1")]
    for number in range(count):
        fired = NOW - 200 * DAY + number * (90 * DAY // count)
        changes += lived(change, snapshot, f"old{number:04}", fired, fired + DAY // 2)
    changes += lived(change, snapshot, "goes-on", NOW - 150 * DAY, None)
    changes += lived(change, snapshot, "late", NOW - 150 * DAY, NOW - 10 * DAY)
    changes += lived(change, snapshot, "new", NOW - DAY, NOW)
    store.write([Placed(0, n, one) for n, one in enumerate(changes)], {}, "")
    return {one.id for one in changes}


def archived(folder: Path, kind: Kind) -> list[str]:
    """The ids in all files of a kind, as often as they stand there."""
    return [
        row["id"]
        for file in sorted(folder.iterdir())
        if (found := named(file.name)) and found[0] is kind
        for row in month_file.read(file)
    ]


def kept(database: Engine, table: Any) -> list[str]:
    """The ids that are still in a table."""
    with database.connect() as connection:
        return list(connection.scalars(select(table.c.id)))


def test_what_is_old_moves(
    store: Store, database: Engine, change: Any, snapshot: Any, tmp_path: Path
) -> None:
    """Alerts that have long been over, with what happened to them; what goes on, or ended lately, stays whole."""
    every = filled(store, change, snapshot, 30)
    archive = Archive(tmp_path / "archive", AFTER)
    while store.archive(archive, 11):
        pass
    assert sorted(kept(database, schema.alerts)) == ["goes-on", "late", "new"]
    assert sorted(kept(database, schema.timeline)) == ["goes-on.1", "late.1", "late.2", "new.1", "new.2"]
    assert sorted(archived(archive.folder, Kind.ALERTS)) == [f"old{number:04}" for number in range(30)]
    assert sorted([*archived(archive.folder, Kind.TIMELINE), *kept(database, schema.timeline)]) == sorted(
        every
    )
    row = next(month_file.read(archive.folder / file_name(Kind.ALERTS, month_of(NOW - 200 * DAY))))
    assert (row["id"], row["labels"], row["status"], row["acknowledged_at"]) == (
        "old0000", '{"upstream":"x"}', "resolved", "",
    )  # fmt: skip
    assert {file.stat().st_mode & 0o777 for file in archive.folder.iterdir()} == {0o600}


def test_what_comes_again_is_not_doubled(
    store: Store, database: Engine, change: Any, snapshot: Any, tmp_path: Path
) -> None:
    """A read model that is built anew from the log holds again what is archived; the next step only removes it."""
    archive = Archive(tmp_path / "archive", AFTER)
    for _ in range(2):
        filled(store, change, snapshot, 10)
        while store.archive(archive):
            pass
        store.rebase()
        with database.begin() as connection:
            connection.execute(schema.alerts.delete())
            connection.execute(schema.timeline.delete())
    assert max(Counter(archived(archive.folder, Kind.ALERTS)).values()) == 1
    assert max(Counter(archived(archive.folder, Kind.TIMELINE)).values()) == 1


@pytest.mark.parametrize("kills", [6])
def test_a_process_that_is_killed_loses_and_doubles_nothing(
    tmp_path: Path, change: Any, snapshot: Any, kills: int
) -> None:
    """Ended by force at any moment, again and again: each row is in the database or in a file, and at last in one."""
    file, folder = tmp_path / "history.sqlite", tmp_path / "archive"
    database = engine(URL.create("sqlite", database=str(file)))
    store = Store(database)
    store.prepare()
    every = filled(store, change, snapshot, 400)
    words = [sys.executable, "-m", "tests.sinks.history.archivist", str(file), str(folder), str(AFTER)]
    for number in range(kills):
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.013 + 0.027 * number)  # somewhere in the midst of a step
            process.kill()
        in_files = archived(folder, Kind.TIMELINE) if folder.exists() else []
        assert max(Counter(in_files).values(), default=1) == 1
        assert {*in_files, *kept(database, schema.timeline)} == every
    while store.archive(Archive(folder, AFTER)):
        pass
    assert sorted([*archived(folder, Kind.TIMELINE), *kept(database, schema.timeline)]) == sorted(every)
    alerts = [*archived(folder, Kind.ALERTS), *kept(database, schema.alerts)]
    assert sorted(alerts) == sorted(name.partition(".")[0] for name in every if name.endswith(".1"))
    database.dispose()


@pytest.mark.parametrize("at", ["replace", "commit"])
def test_cut_off_around_the_rename(
    store: Store,
    database: Engine,
    change: Any,
    snapshot: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    at: str,
) -> None:
    """Cut off before the file has its name, or after that and before the rows are deleted: the next step mends it."""
    filled(store, change, snapshot, 10)
    archive = Archive(tmp_path / "archive", AFTER)
    place = (
        "sinks.history.archive.archive._delete"
        if at == "commit"
        else "sinks.history.archive.month_file.os.fsync"
    )
    with monkeypatch.context() as broken:
        broken.setattr(place, _fail)
        with pytest.raises(OSError, match="power"):
            store.archive(archive)
    assert len(kept(database, schema.alerts)) == 13
    while store.archive(archive):
        pass
    assert Counter(archived(archive.folder, Kind.ALERTS)) == Counter(
        f"old{number:04}" for number in range(10)
    )
    assert len(kept(database, schema.alerts)) == 3


def _fail(*_: object) -> None:
    raise OSError("the power fails")


def test_columns_that_an_update_brought(tmp_path: Path) -> None:
    """A file of an older version is written anew with today's columns, and holds its rows as they were."""
    file = tmp_path / "alerts-2025-01.csv.gz"
    file.write_bytes(gzip.compress(b"id,gone,rule\r\na,x,'=1+1\r\n"))
    assert month_file.add(file, ["id", "rule", "new"], [{"id": "b", "rule": "+49", "new": None}]) == 1
    assert list(month_file.read(file)) == [
        {"id": "a", "rule": "'=1+1", "new": ""},
        {"id": "b", "rule": "'+49", "new": ""},
    ]


def test_archives_expire(tmp_path: Path) -> None:
    """Those of months that ended long enough ago go; other files in the folder, and drafts, are not touched."""
    for name in ("alerts-2025-01.csv.gz", "timeline-2025-02.csv.gz", "alerts-2025-03.csv.gz", "notes.txt"):
        (tmp_path / name).touch()
    now = ends("2025-02") + 30 * DAY
    assert Archive(tmp_path, AFTER, 0).expire(now) == []
    assert Archive(tmp_path, AFTER, 30 * DAY).expire(now) == ["alerts-2025-01.csv.gz"]
    assert Archive(tmp_path, AFTER, 29 * DAY).expire(now) == ["timeline-2025-02.csv.gz"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["alerts-2025-03.csv.gz", "notes.txt"]


async def test_housekeeping_goes_step_by_step(
    store: Store, database: Engine, change: Any, snapshot: Any, tmp_path: Path
) -> None:
    """While there is more it is done at once, then in an hour; without an archive what is old is removed as before."""
    filled(store, change, snapshot, 5)
    now = 0.0
    keeping = Housekeeping(store, Archive(tmp_path / "archive", AFTER), lambda: now)
    for _ in range(4):
        await keeping.turn()
    assert len(kept(database, schema.alerts)) == 3
    with database.begin() as connection:
        connection.execute(schema.timeline.update().values(at=schema.timeline.c.at - 200 * DAY))
        connection.execute(schema.timeline.update().where(schema.timeline.c.id == "new.2").values(at=NOW))
    await Housekeeping(store, None, lambda: now).turn()
    assert sorted(kept(database, schema.timeline)) == ["goes-on.1", "new.2"]
    assert HOUR == 3600.0


async def test_a_damaged_file_ends_nothing(
    store: Store, database: Engine, change: Any, snapshot: Any, tmp_path: Path
) -> None:
    """It is named, with what to do; what is old stays where it is, and the read model goes on."""
    filled(store, change, snapshot, 5)
    archive = Archive(tmp_path / "archive", AFTER)
    assert store.archive(archive, 1) == 1
    (file,) = archive.folder.iterdir()
    file.write_bytes(file.read_bytes()[:-9])
    with capture_logs() as told:
        await Housekeeping(store, archive, lambda: 0.0).turn()
    assert [each["event"] for each in told] == ["what is old could not be archived"]
    assert str(file) in told[0]["why"]
    assert len(kept(database, schema.alerts)) == 7
