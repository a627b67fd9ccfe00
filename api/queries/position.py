"""How far the projection has come in each partition of `changes`."""

from __future__ import annotations

from sqlalchemy import Connection, select

from sinks.history import schema
from streams.topics import CHANGES


def projected(connection: Connection) -> dict[int, int]:
    """Partition → the first offset that the read model does not reflect."""
    of = schema.offsets.c
    rows = connection.execute(select(of.partition, of.next).where(of.topic == CHANGES))
    return {row.partition: row.next for row in rows}
