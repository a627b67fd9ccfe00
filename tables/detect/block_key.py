"""The names of levels whose rows are blocks of a gateway, and the keys of such rows."""

from __future__ import annotations

SERIES = "series"
DEPARTED = "departed"
AGGREGATE = "aggregate"
MODEL = "model"
PAST = "past"
INSTANCE = "instance"


def block_key(level: str, gateway: str, number: int) -> str:
    """The key of a gateway's block."""
    return f"{level}/{gateway}/{number:05d}"


def gateway_of(key: str) -> str:
    """Whose block it is."""
    return key[key.index("/") + 1 : -6]


def number_of(key: str) -> int:
    """Which of the gateway's blocks it is."""
    return int(key[-5:])
