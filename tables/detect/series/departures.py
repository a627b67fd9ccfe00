"""Which counters of a gateway were forgotten lately: noted when they leave, asked when one is first seen."""

from __future__ import annotations

from collections.abc import Callable

from tables.detect.block_key import DEPARTED, block_key
from tables.detect.context import Context
from tables.detect.series.departed import DepartedBlock

Remembered = Callable[[str], bool]


def key(gateway: str) -> str:
    """The key of a gateway's row."""
    return block_key(DEPARTED, gateway, 0)


def note(context: Context, gateway: str, texts: list[str]) -> None:
    """These counters of a gateway are forgotten now."""
    row = context.open(key(gateway)) if texts else None
    if row is not None:
        row.value.add(texts, context.offset, context.clock.active, context.terms)


def remembered(context: Context, gateway: str) -> Remembered:
    """Whether a counter of the gateway was forgotten lately."""
    row = context.rows.get(key(gateway))
    if row is None or row.dead:
        return lambda _: False
    block: DepartedBlock = row.value
    since = context.clock.active - context.terms.departed
    return lambda text: block.has(text, context.offset, since)
