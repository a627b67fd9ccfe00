"""Answers of verbs for programs: one JSON object a line, keys sorted, so that the same answer is the same bytes."""

from __future__ import annotations

from typing import Any

import orjson
import typer


def put_out(answer: dict[str, Any]) -> None:
    """One answer on one line."""
    typer.echo(orjson.dumps(answer, option=orjson.OPT_SORT_KEYS).decode())
