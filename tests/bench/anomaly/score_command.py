"""The scoring command: every series below IN to the same name below OUT, with a score for each row.

    python -m tests.bench.anomaly.score_command IN OUT
    python -m tests.bench.anomaly.score_command --threshold

It reads `.csv` and `.csv.gz`, streams each through the public detector, and writes the score of a row before it reads
the next. `IN/kinds.json` may map file names to metric kinds.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from tables.anomaly.stream import THRESHOLD, scores


def score_folder(source: Path, target: Path) -> None:
    """Score every series of a folder."""
    listing = source / "kinds.json"
    kinds: dict[str, str] = json.loads(listing.read_text(encoding="utf-8")) if listing.exists() else {}
    for path in sorted([*source.rglob("*.csv"), *source.rglob("*.csv.gz")]):
        name = path.relative_to(source).as_posix().removesuffix(".gz")
        kind = next(
            (kinds[key] for key in (name, f"{name}.gz", path.name, Path(name).name) if key in kinds), None
        )
        score_file(path, target / name, kind)


def score_file(path: Path, out: Path, kind: str | None) -> None:
    """Score one series, row by row."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with opened(path) as source, out.open("w", newline="", encoding="utf-8") as target:
        write = csv.writer(target, lineterminator="\n")
        write.writerow(["timestamp", "value", "score"])
        latest: list[tuple[str, str]] = []
        for score in scores(rows(source, latest), kind):
            write.writerow([*latest.pop(), repr(score)])


def rows(source: TextIO, latest: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The timestamp and value of each row; the row that is being scored is in `latest`."""
    table = csv.reader(source)
    header = next(table, ["timestamp", "value"])
    stamp, value = header.index("timestamp"), header.index("value")
    for cells in filter(None, table):
        latest.append((cells[stamp], cells[value]))
        yield latest[-1]


def opened(path: Path) -> TextIO:
    """The file as text, unpacked if need be."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", newline="", encoding="utf-8")
    return path.open(newline="", encoding="utf-8")


def main() -> None:
    """Run the command."""
    ask = argparse.ArgumentParser(
        description="Scores every series of a folder with the shipped anomaly model."
    )
    ask.add_argument("source", type=Path, nargs="?", metavar="IN")
    ask.add_argument("target", type=Path, nargs="?", metavar="OUT")
    ask.add_argument(
        "--threshold", action="store_true", help="print the one shipped alert threshold and stop"
    )
    args = ask.parse_args()
    if args.threshold:
        sys.stdout.write(f"{THRESHOLD}\n")
    elif args.source and args.target:
        score_folder(args.source, args.target)
    else:
        ask.error("IN and OUT are needed")


if __name__ == "__main__":
    main()
