"""Archives a database step by step until nothing is old: a process that a test kills. `FILE FOLDER AFTER`."""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import URL

from sinks.history.archive.archive import Archive
from sinks.history.database import engine
from sinks.history.store import Store

if __name__ == "__main__":
    file, folder, after = sys.argv[1:]
    store = Store(engine(URL.create("sqlite", database=file)))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while store.archive(Archive(Path(folder), int(after)), 7):
        pass
