"""Log lines are JSON, one each, with their fields."""

from __future__ import annotations

import logging

import orjson

from agents.log import Line


def test_line() -> None:
    """Fixed and own fields stand beside the message; keys may be numbers."""
    record = logging.getLogger("tocsin.x").makeRecord(
        "tocsin.x", logging.INFO, "f", 1, "owned", (), None, extra={"partitions": {0: 7}}
    )
    line = orjson.loads(Line(stage="detect").format(record))
    assert (line["said"], line["stage"], line["partitions"], line["level"]) == (
        "owned",
        "detect",
        {"0": 7},
        "info",
    )


def test_trace() -> None:
    """An exception stays on the line of its record."""
    try:
        raise ValueError("x")
    except ValueError as why:
        record = logging.getLogger("t").makeRecord(
            "t", logging.ERROR, "f", 1, "failed", (), (ValueError, why, why.__traceback__)
        )
    line = Line().format(record)
    assert "\n" not in line
    assert "ValueError: x" in orjson.loads(line)["trace"]
