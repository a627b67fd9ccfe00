"""The log channel writes lines that a collector can read."""

from __future__ import annotations

import io
from typing import Any

import orjson

from sinks.channels.log.channel import Log
from sinks.outcome import Delivered, Retry


async def test_one_line(attempt: Any) -> None:
    """A notification is one JSON line, without its endpoint's secrets."""
    out = io.StringIO()
    answer = await Log(out).send(attempt({"url": "https://x/t0ken", "secret": "s3cret"}))

    (line,) = out.getvalue().splitlines()
    said = orjson.loads(line)
    assert isinstance(answer, Delivered)
    assert (said["event"], said["to"], said["title"]) == ("notification", "endpoint/pager", "tool-errors")
    assert "t0ken" not in line
    assert "s3cret" not in line


async def test_closed_stream(attempt: Any) -> None:
    """A stream that cannot be written is a failure that may pass."""
    out = io.StringIO()
    out.close()

    assert isinstance(await Log(out).send(attempt()), Retry)
