"""What deliver holds of an alert's groups, or has given up since an endpoint fails: each notification's newest line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select

from sinks.history import schema
from streams.codes import DispatchReason
from streams.messages.change import DeliverySnapshot

MOST = 500  # lines of a group that are looked through
_then = schema.timeline.c


class HeldLine(NamedTuple):
    """One notification that waits, or was not tried. `until`: ms UTC; `document`: what says so."""

    group: str
    code: str
    reason: str
    document: str
    until: int | None


def holds(connection: Connection, groups: Sequence[str], since: int) -> list[HeldLine]:
    """What waits now of these groups, or failed since its endpoint does, since an instant, ms UTC."""
    return [line for group in groups for line in _of_group(connection, group, since)]


def _of_group(connection: Connection, group: str, since: int) -> Iterator[HeldLine]:
    query = (
        select(_then.subject_id, _then.what, _then.reason_code, _then.reason, _then.snapshot)
        .where(
            _then.group == group,
            _then.subject.in_(("notification", "attempt")),
            _then.at >= since,
            _then.subject_id != group,
        )
        .order_by(_then.sequence.desc())
    )
    known: set[str] = set()
    for row in connection.execute(query.limit(MOST)):
        newest = row.subject_id not in known
        known.add(row.subject_id)
        given_up = row.what == "failed" and row.reason_code == DispatchReason.CIRCUIT_OPEN
        if newest and (row.what == "held" or given_up):
            delivery = msgspec.convert(row.snapshot, DeliverySnapshot)
            yield HeldLine(group, row.reason_code, row.reason, delivery.document, delivery.until)
