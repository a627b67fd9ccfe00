"""`tocsin score`: every labelled or recorded series of a folder through the shipped anomaly model, row by row."""

from __future__ import annotations

import csv
import gzip
import json
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, TextIO

import typer

from streams.errors import Misconfigured, Refused

BEAT = 5.0  # seconds between two lines that say how far it is
PACKED = b"\x1f\x8b"  # how a gzipped file begins, whatever its name is
FORM = "a row is `timestamp,value`, below a header that says so"


def score(
    source: Annotated[
        Path | None, typer.Argument(metavar="IN_DIR", help="CSV files, plain or gzipped.")
    ] = None,
    target: Annotated[Path | None, typer.Argument(metavar="OUT_DIR")] = None,
    threshold: Annotated[bool, typer.Option(help="Print the one shipped alert threshold and stop.")] = False,
) -> None:
    """Write each series of IN_DIR to the same name below OUT_DIR, with the anomaly score of each row.

    A row's score is written before the next row is read. `IN_DIR/kinds.json` may map file names to metric kinds.
    A file that cannot be read is named and left out; the others are scored all the same.
    """
    from tables.anomaly.stream import THRESHOLD  # late: the other verbs start sooner without the model

    if threshold:
        typer.echo(THRESHOLD)
    elif source is not None and target is not None:
        score_folder(source, target)
    else:
        raise typer.BadParameter("say IN_DIR and OUT_DIR, or --threshold")


class Progress:
    """How far a folder is, for whoever waits: on standard error, now and then and at the end."""

    def __init__(self, series: int) -> None:
        """`series`: how many there are to do."""
        self.series, self.done, self.rows = series, 0, 0
        self._said = time.monotonic()

    def row(self) -> None:
        """One more row has been written."""
        self.rows += 1
        if self.rows % 1_000 == 0 and time.monotonic() - self._said >= BEAT:
            self.say(f"{self.done} of {self.series} series, {self.rows} rows …")

    def say(self, words: str) -> None:
        """One line."""
        self._said = time.monotonic()
        typer.echo(words, err=True)


def score_folder(source: Path, target: Path) -> None:
    """Score every series of a folder, also where some cannot be read: these are named, and Refused at the end.

    Refused before anything is written where an output would cost an input; Misconfigured, at once, where nothing
    can be written.
    """
    if not source.is_dir():
        raise Refused(f"{source} is not a folder of CSV files")
    kinds, outputs = listed_kinds(source / "kinds.json"), planned(source, target)
    if not outputs:
        raise Refused(f"{source} holds no series: name a folder with files `….csv` or `….csv.gz`")
    progress, kept = Progress(len(outputs)), set(kinds)
    for out, path in outputs.items():
        spelled = names(path, source)
        kept.difference_update(spelled)
        try:
            score_file(path, out, next((kinds[key] for key in spelled if key in kinds), None), progress)
            progress.done += 1
        except Refused as why:
            progress.say(str(why))
    for name in sorted(kept):
        progress.say(f"note: {source / 'kinds.json'} names {name}, which is not there")
    if progress.done < len(outputs):
        raise Refused(
            f"{len(outputs) - progress.done} of {len(outputs)} series could not be scored, see above"
        )
    progress.say(f"{progress.done} series, {progress.rows} rows: {target}")


def names(path: Path, source: Path) -> tuple[str, ...]:
    """How `kinds.json` may call a series, the most exact first."""
    name = path.relative_to(source).as_posix().removesuffix(".gz")
    return name, f"{name}.gz", path.name, path.name.removesuffix(".gz")


def planned(source: Path, target: Path) -> dict[Path, Path]:
    """The input of each output, in order; Refused where two have one, or one would be an input."""
    outputs: dict[Path, Path] = {}
    paths = sorted([*source.rglob("*.csv"), *source.rglob("*.csv.gz")])
    inputs = [path for path in paths if not path.is_dir()]
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


def score_file(path: Path, out: Path, kind: str | None, progress: Progress) -> None:
    """Score one series, row by row; the output has its name only when it is whole."""
    part = out.with_name(f".{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with opened(path) as source, part.open("w", 1, newline="", encoding="utf-8") as target:
            write_scores(source, target, kind, progress)
        part.replace(out)
    except (EOFError, zlib.error, gzip.BadGzipFile) as why:
        raise Refused(f"{path}: {why}: the gzip file is cut short or damaged: copy or pack it anew") from None
    except UnicodeDecodeError as why:
        raise Refused(f"{path} is no text in UTF-8 ({why.reason}): save it as UTF-8") from None
    except OSError as why:
        of = Refused if why.filename == str(path) else Misconfigured  # the others cannot be written either
        raise of(f"{path} to {out}: {why}: mend that, and run it again") from None
    except (Refused, csv.Error) as why:
        raise Refused(f"{path}: {why}: {FORM}") from None
    finally:
        with suppress(OSError):
            part.unlink()


def write_scores(source: TextIO, target: TextIO, kind: str | None, progress: Progress) -> None:
    """Write each row with its score, before the next one is read; Refused names the line that is wrong."""
    from tables.anomaly.stream import scores  # late, as above

    write, table = csv.writer(target, lineterminator="\n"), csv.reader(source)
    write.writerow(["timestamp", "value", "score"])
    latest: list[tuple[str, str]] = []
    try:
        for score_ in scores(rows(table, latest), kind):
            write.writerow([*latest.pop(), repr(score_)])
            progress.row()
    except (Refused, csv.Error) as why:
        raise Refused(f"line {table.line_num}: {why}") from None


def rows(table: Iterator[list[str]], latest: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The timestamp and value of each row; the row that is being scored is in `latest`."""
    header = [name.strip().lower() for name in next(table, ["timestamp", "value"])]
    if not {"timestamp", "value"} <= set(header):
        raise Refused(f"this header names no `timestamp` or no `value`: {','.join(header)!r:.60}")
    stamp, value = header.index("timestamp"), header.index("value")
    for cells in filter(None, table):
        if len(cells) <= max(stamp, value):
            raise Refused(f"it has {len(cells)} cells")
        latest.append((cells[stamp], cells[value]))
        yield latest[-1]


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """The file as text, unpacked where it is packed."""
    with path.open("rb") as raw:
        packed = raw.peek(len(PACKED)).startswith(PACKED)
        plain = gzip.GzipFile(fileobj=raw) if packed else raw
        with TextIOWrapper(plain, encoding="utf-8-sig", newline="") as text:
            yield text
