"""A file of samples, JSON lines or CSV: each wrong line is named with its column or field, and as it should read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from api.cli.file import text
from api.field_faults import fault
from api.files.yaml_documents import Trouble
from api.trials import happening
from api.trials.happening import Happening
from api.trials.sample import EXAMPLES, Sample

COLUMNS = tuple(EXAMPLES)
FORM = (
    'JSON lines {"at": "30s", "series": "up", "value": 1}, events {"at": "30s", "event": "login", "labels": {}} among '
    "them, or CSV with the columns at, series, value"
)
WIDEST = 1 << 20  # characters of one cell


class SampleFile(NamedTuple):
    """What stands in a file of samples, and what is wrong with it, line by line."""

    samples: list[Sample]
    events: list[Happening]
    troubles: list[Trouble]


def read(file: Path) -> SampleFile:
    """All lines of a file."""
    whole = text(file, f"samples: {FORM}")
    samples = SampleFile([], [], [])
    for outcome in _table(file, whole) if file.suffix == ".csv" else _lines(file, whole):
        match outcome:
            case Sample():
                samples.samples.append(outcome)
            case Happening():
                samples.events.append(outcome)
            case Trouble():
                samples.troubles.append(outcome)
    if not any(samples):
        samples.troubles.append(Trouble(str(file), 1, "there is no sample in it", _json(EXAMPLES)))
    return samples


def _lines(file: Path, whole: str) -> Iterator[Sample | Happening | Trouble]:
    for n, line in enumerate(whole.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as why:
            words = f"column {why.colno}: this is not JSON: {why.msg}"
            yield Trouble(str(file), n, words, _json(EXAMPLES))
            continue
        if not isinstance(row, dict):
            yield Trouble(str(file), n, "a line holds one object in braces", _json(EXAMPLES))
            continue
        yield _event(file, n, row) if "event" in row else _sample(file, n, row, False)


def _table(file: Path, whole: str) -> Iterator[Sample | Trouble]:
    csv.field_size_limit(WIDEST)
    reader = csv.reader(io.StringIO(whole, newline=""))
    try:
        header = [name.strip().lower() for name in next(reader)]
        if sorted(header) != sorted(COLUMNS):
            words = f"the first line names the columns {', '.join(COLUMNS)}, not {','.join(header)!r:.60}"
            yield Trouble(str(file), 1, words, ",".join(COLUMNS))
            return
        for cells in reader:
            if len(cells) == len(header):
                yield _sample(file, reader.line_num, dict(zip(header, cells, strict=True)), True, header)
            elif cells:
                words = (
                    f"{len(cells)} columns instead of {len(header)}: a series with labels stands in quotes"
                )
                yield Trouble(str(file), reader.line_num, words, _csv(EXAMPLES, header))
    except csv.Error as why:
        yield Trouble(str(file), reader.line_num, f"this is not CSV: {why}", _csv(EXAMPLES, list(COLUMNS)))


def _event(file: Path, line: int, row: Mapping[str, Any]) -> Happening | Trouble:
    try:
        return Happening.model_validate(row)
    except ValidationError as why:
        says = "; ".join(fault(error["loc"], error) for error in why.errors())
        return Trouble(str(file), line, says, _json(happening.EXAMPLES))


def _sample(
    file: Path, line: int, row: Mapping[str, Any], table: bool, header: list[str] | None = None
) -> Sample | Trouble:
    try:
        return Sample.model_validate(row)
    except ValidationError as why:
        wrong = {str(error["loc"][0]) for error in why.errors()}
        right = {name: EXAMPLES[name] if name in wrong else row[name] for name in COLUMNS}
        says = "; ".join(fault(error["loc"], error) for error in why.errors())
        return Trouble(str(file), line, says, _csv(right, header or list(COLUMNS)) if table else _json(right))


def _json(row: Mapping[str, Any]) -> str:
    return orjson.dumps(row).decode()


def _csv(row: Mapping[str, Any], header: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([row[name] for name in header])
    return line.getvalue()
