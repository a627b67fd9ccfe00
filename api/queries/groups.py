"""The open alerts of a group, found by what a provider calls the group."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, select

from sinks.history import schema
from streams.channels.way_back.group_key import group_key

_of = schema.alerts.c


class OpenAlert(NamedTuple):
    """An alert that is not over."""

    id: str
    fingerprint: str
    team: str
    status: str
    triggered_at: int  # ms UTC
    message: str
    group: str  # the one that was named


def open_alerts(connection: Connection, key: str, to: str) -> list[OpenAlert]:
    """The open alerts of the group that has this key towards `to`, the oldest first.

    A key says nothing of its group, so those of all groups with open alerts are made again: a click may cost that.
    """
    named = cache(group_key)
    query = select(
        _of.id, _of.fingerprint, _of.team, _of.status, _of.triggered_at, _of.message, _of.groups
    ).where(_of.status != "resolved")
    rows = connection.execute(query.order_by(_of.triggered_at, _of.id))
    return [
        OpenAlert(*row[:6], group)
        for row in rows
        for group in row.groups
        if named(row.team, group, to) == key
    ]
