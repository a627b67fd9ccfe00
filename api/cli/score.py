"""`tocsin score`: every labelled or recorded series of a folder through the shipped anomaly model, row by row."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import suppress
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
    """Score every series of a folder; Refused, before anything is written, where an output would cost an input."""
    if not source.is_dir():
        raise Refused(f"{source} is not a folder of CSV files")
    kinds, outputs = listed_kinds(source / "kinds.json"), planned(source, target)
    for out, path in outputs.items():
        name = path.relative_to(source).as_posix()
        spelled = (name.removesuffix(".gz"), f"{name.removesuffix('.gz')}.gz", path.name, out.name)
        score_file(path, out, next((kinds[key] for key in spelled if key in kinds), None))


def planned(source: Path, target: Path) -> dict[Path, Path]:
    """The input of each output, in order; Refused where two have one, or one would be an input."""
    outputs: dict[Path, Path] = {}
    inputs = sorted([*source.rglob("*.csv"), *source.rglob("*.csv.gz")])
    taken = {path.resolve() for path in inputs}
    for path in inputs:
        out = target / path.relative_to(source).as_posix().removesuffix(".gz")
        if out in outputs:
            raise Refused(f"{outputs[out]} and {path} would both become {out}: move one of them away")
        if out.resolve() in taken or out.resolve().is_relative_to(source.resolve()):
            raise Refused(f"{out} lies among what is read: say an OUT_DIR outside of {source}")
        outputs[out] = path
    return outputs


def listed_kinds(listing: Path) -> dict[str, str]:
    """The kind of each file name in `kinds.json`, none without that file; Refused names what is wrong."""
    from tables.anomaly.kind import Kind  # late, as above

    fix = f'write {{"a.csv": "rate"}}, with a kind out of {", ".join(Kind)}'
    try:
        kinds = json.loads(listing.read_text(encoding="utf-8-sig")) if listing.exists() else {}
    except (ValueError, OSError, RecursionError) as why:
        raise Refused(f"{listing}: {why}: {fix}") from None
    if not isinstance(kinds, dict):
        raise Refused(f"{listing} is no object: {fix}")
    for name, kind in kinds.items():
        if kind not in list(Kind):
            raise Refused(f"{listing}: {name}: {kind!r} is no kind: {fix}")
    return kinds


def score_file(path: Path, out: Path, kind: str | None) -> None:
    """Score one series, row by row; the output has its name only when it is whole."""
    part = out.with_name(f".{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with opened(path) as source, part.open("w", newline="", encoding="utf-8") as target:
            write_scores(source, target, kind)
        part.replace(out)
    except (EOFError, zlib.error, gzip.BadGzipFile) as why:
        raise Refused(f"{path}: {why}: the gzip file is cut short or damaged: copy or pack it anew") from None
    except (ValueError, csv.Error) as why:
        raise Refused(f"{path}: {why}: a row is `timestamp,value`, below a header that says so") from None
    except OSError as why:
        raise Refused(f"{path} to {out}: {why}: mend that, and run it again") from None
    finally:
        with suppress(OSError):
            part.unlink()


def write_scores(source: TextIO, target: TextIO, kind: str | None) -> None:
    """Write each row with its score, before the next one is read."""
    from tables.anomaly.stream import scores  # late, as above

    write = csv.writer(target, lineterminator="\n")
    write.writerow(["timestamp", "value", "score"])
    latest: list[tuple[str, str]] = []
    for one in scores(rows(source, latest), kind):
        write.writerow([*latest.pop(), repr(one)])


def rows(source: TextIO, latest: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The timestamp and value of each row; the row that is being scored is in `latest`."""
    table = csv.reader(source)
    header = next(table, ["timestamp", "value"])
    stamp, value = header.index("timestamp"), header.index("value")
    for cells in filter(None, table):
        if len(cells) <= max(stamp, value):
            raise Refused(f"line {table.line_num} has {len(cells)} cells")
        latest.append((cells[stamp], cells[value]))
        yield latest[-1]


def opened(path: Path) -> TextIO:
    """The file as text, unpacked if need be."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", newline="", encoding="utf-8-sig")
    return path.open(newline="", encoding="utf-8-sig")
