"""Logs: one line of JSON each, on standard error; no message body and no secret is ever in them."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

from streams.errors import Misconfigured

LEVELS = ("debug", "info", "warning", "error")
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_NOISY = ("agents", "faust", "mode", "asyncio", "concurrent")
_LOUD = ("aiokafka", "kafka")  # to them a broker that restarts is worth hundreds of lines; we say it in one


class Line(logging.Formatter):
    """One record as one JSON object: time, level, logger, what happened, and its fields."""

    def __init__(self, **fixed: Any) -> None:
        """`fixed`: fields that every line carries, such as stage and slot."""
        super().__init__()
        self._fixed = fixed

    def format(self, record: logging.LogRecord) -> str:
        """The record's own `extra` fields come after the fixed ones."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "from": record.name, "said": record.getMessage()}
        line |= self._fixed | {k: v for k, v in vars(record).items() if k not in _PLAIN}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def configure(level: str, **fixed: Any) -> None:
    """Send everything to standard error; libraries speak from warnings on, or hardly at all, whatever our own level is.

    Faust names the loggers of our subclasses after their modules, hence `agents` among the libraries.
    """
    if level.lower() not in LEVELS:
        raise Misconfigured(f"TOCSIN_LOG_LEVEL: {level!r} is none of {', '.join(LEVELS)}")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line(**fixed))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("tocsin").setLevel(level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL)
