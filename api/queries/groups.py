"""The open alerts of a group, found by what a provider calls the group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, select

from sinks.history import schema
from streams.channels.way_back.group_key import group_key

_of, _then = schema.alerts.c, schema.timeline.c
MOST, CHUNK = 10_000, 500  # open alerts that are looked at; groups that one query asks for


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


def any_open(connection: Connection) -> bool:
    """Whether any alert is not over."""
    return connection.scalar(select(_of.id).where(_of.status != "resolved").limit(1)) is not None


class ToldGroup(NamedTuple):
    """A group with open alerts that a recipient was told of. `key`: what names it towards that recipient."""

    group: str
    key: str
    to: str
    message: str  # of its oldest open alert


def told_groups(connection: Connection, recipients: Collection[str]) -> list[ToldGroup]:
    """The groups with open alerts of which one of these was told, in the order in which they began to fire."""
    query = select(_of.team, _of.message, _of.groups).where(_of.status != "resolved")
    rows = connection.execute(query.order_by(_of.triggered_at, _of.id).limit(MOST))
    began: dict[str, tuple[str, str]] = {}
    for team, message, groups in rows:
        for group in groups:
            began.setdefault(group, (team, message))
    told = _told(connection, list(began), recipients)
    return [
        ToldGroup(group, group_key(team, group, to), to, message)
        for group, (team, message) in began.items()
        for to in sorted(told.get(group, ()))
    ]


def _told(connection: Connection, groups: list[str], recipients: Collection[str]) -> dict[str, set[str]]:
    """Who of the recipients has been told of each group."""
    found: dict[str, set[str]] = defaultdict(set)
    for first in range(0, len(groups), CHUNK):
        these = _then.group.in_(groups[first : first + CHUNK])
        query = select(_then.group, _then.snapshot).where(these, _then.subject == "notification")
        for group, snapshot in connection.execute(query.where(_then.what == "delivered")):
            to = str((snapshot or {}).get("to", ""))
            if to in recipients:
                found[group].add(to)
    return found
