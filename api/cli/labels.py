"""Labels of alerts as a verb is given them: `severity=critical, team=payments`, JSON, or a file of lines of JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import orjson

from api.cli.file import text as file_text
from streams.errors import Refused

FORM = "severity=critical,team=payments, or JSON, or a .jsonl file with a JSON object a line"
LINES = ".jsonl"
Labels = dict[str, str]


def read_labels(given: str) -> list[Labels]:
    """The labels of each alert that is meant; Refused names what is no label, and in which line."""
    if given.strip().startswith("{"):
        return [_object(given, "`--labels`")]
    if given.strip().endswith(LINES):
        return list(_lines(Path(given.strip())))
    return [_pairs(given)]


def _lines(file: Path) -> Iterator[Labels]:
    for number, line in enumerate(file_text(file, "labels, a JSON object a line").splitlines(), 1):
        if line.strip():
            yield _object(line, f"{file}:{number}")


def _object(given: str, where: str) -> Labels:
    """A JSON object of names and texts; numbers and truth values are taken as they are written."""
    try:
        value = orjson.loads(given)
    except orjson.JSONDecodeError as why:
        raise Refused(f"{where}: this is not JSON ({why}): {_example()}") from None
    if not isinstance(value, dict):
        raise Refused(f"{where}: labels are an object: {_example()}")
    return {name: _text(where, name, label) for name, label in cast(dict[str, Any], value).items()}


def _text(where: str, name: str, label: Any) -> str:
    if isinstance(label, dict | list) or label is None:
        raise Refused(f"{where}: `{name}` must be text: {_example()}")
    return label if isinstance(label, str) else orjson.dumps(label).decode()


def _pairs(given: str) -> Labels:
    labels: Labels = {}
    for part in filter(None, (part.strip() for part in given.split(","))):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise Refused(
                f"`--labels`: {part!r:.60} is no label: write name=value, several with commas, or JSON"
            )
        labels[name.strip()] = value.strip().strip('"')
    return labels


def _example() -> str:
    return 'write for instance {"severity": "critical", "team": "payments"}'
