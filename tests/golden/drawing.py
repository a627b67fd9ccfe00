"""`python -m tests.golden.drawing VERSION`: keeps one of each kind and row of a release, for later ones to read.

What stands there already stays as it is: whatever a release has written must be read for ever.
"""

from __future__ import annotations

import sys
from base64 import b64decode
from pathlib import Path

import orjson

from tests.golden.kinds import GoldenRow, kinds, messages, rows, spelled

FOLDER = Path(__file__).parent


def read_messages(folder: Path) -> list[bytes]:
    """The messages that a release has written."""
    file = folder / "messages.jsonl"
    return file.read_bytes().splitlines() if file.exists() else []


def read_rows(folder: Path) -> list[GoldenRow]:
    """The rows that a release has written."""
    file = folder / "rows.jsonl"
    lines = [orjson.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []
    return [GoldenRow(line["stage"], line["key"], b64decode(line["raw"])) for line in lines]


def draw(folder: Path) -> list[str]:
    """Add what is missing in a release's folder; what was added."""
    folder.mkdir(parents=True, exist_ok=True)
    known, added = read_messages(folder), list[str]()
    present = {orjson.loads(raw)["kind"] for raw in known}
    new = [kind.read(body).encode() for kind, body in messages() if kind.__struct_config__.tag not in present]
    if new:
        (folder / "messages.jsonl").write_bytes(b"".join(raw + b"\n" for raw in [*known, *new]))
        added += sorted(set(kinds()) - present)
    kept = read_rows(folder)
    places = {(row.stage, row.key.partition("/")[0]) for row in kept}
    fresh = [row for row in rows() if (row.stage, row.key.partition("/")[0]) not in places]
    if fresh:
        (folder / "rows.jsonl").write_bytes(b"".join(spelled(row) + b"\n" for row in [*kept, *fresh]))
        added += [f"{row.stage} {row.key}" for row in fresh]
    return added


if __name__ == "__main__":
    print("\n".join(draw(FOLDER / sys.argv[1])))  # noqa: T201 a verb
