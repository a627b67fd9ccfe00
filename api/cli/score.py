"""`tocsin score`: every labelled or recorded series of a folder through the shipped anomaly model, row by row."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TextIO

import typer

from streams.errors import Refused


def score(
    source: Annotated[
        Path | None, typer.Argument(metavar="IN_DIR", help="CSV files, plain or gzipped.")
    ] = None,
    target: Annotated[Path | None, typer.Argument(metavar="OUT_DIR")] = None,
    threshold: Annotated[bool, typer.Option(help="Print the one shipped alert threshold and stop.")] = False,
) -> None:
    """Write each series of IN_DIR to the same name below OUT_DIR, with the anomaly score of each row.

    A row's score is written before the next row is read. `IN_DIR/kinds.json` may map file names to metric kinds.
    """
    from tables.anomaly.stream import THRESHOLD  # late: the other verbs start sooner without the model

    if threshold:
        typer.echo(THRESHOLD)
    elif source is not None and target is not None:
        score_folder(source, target)
    else:
        raise typer.BadParameter("say IN_DIR and OUT_DIR, or --threshold")


def score_folder(source: Path, target: Path) -> None:
    """Score every series of a folder; Refused names the file and the row that cannot be read."""
    if not source.is_dir():
        raise Refused(f"{source} is not a folder of CSV files")
    listing = source / "kinds.json"
    kinds: dict[str, str] = json.loads(listing.read_text(encoding="utf-8")) if listing.exists() else {}
    for path in sorted([*source.rglob("*.csv"), *source.rglob("*.csv.gz")]):
        name = path.relative_to(source).as_posix().removesuffix(".gz")
        spelled = (name, f"{name}.gz", path.name, Path(name).name)
        score_file(path, target / name, next((kinds[key] for key in spelled if key in kinds), None))


def score_file(path: Path, out: Path, kind: str | None) -> None:
    """Score one series, row by row."""
    from tables.anomaly.stream import scores

    out.parent.mkdir(parents=True, exist_ok=True)
    with opened(path) as source, out.open("w", newline="", encoding="utf-8") as target:
        write = csv.writer(target, lineterminator="\n")
        write.writerow(["timestamp", "value", "score"])
        latest: list[tuple[str, str]] = []
        try:
            for one in scores(rows(source, latest), kind):
                write.writerow([*latest.pop(), repr(one)])
        except (ValueError, IndexError, OSError) as why:
            raise Refused(f"{path}: {why}: a row is `timestamp,value`, below a header that says so") from None


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
