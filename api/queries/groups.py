"""The open alerts of a group, or of all that a bundle told of, found by what a provider calls the one or the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from sinks.history import schema
from streams.channels.way_back.group_key import group_key
from streams.documents.document import PLATFORM

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
    group: str  # the one that was named, or one of a bundle that was
    bundled: bool = False  # whether a bundle was named


def open_alerts(connection: Connection, key: str, to: str) -> list[OpenAlert]:
    """The open alerts of the group, or of the bundle, that has this key towards `to`, the oldest first.

    A key says nothing of its group, so those of all groups with open alerts are made again: a click may cost that.
    """
    named = cache(group_key)
    query = select(
        _of.id, _of.fingerprint, _of.team, _of.status, _of.triggered_at, _of.message, _of.groups
    ).where(_of.status != "resolved")
    rows = connection.execute(query.order_by(_of.triggered_at, _of.id)).all()
    alerts = [
        _open_alert(row, group) for row in rows for group in row.groups if named(row.team, group, to) == key
    ]
    return alerts or _of_bundle(connection, rows, key, to)


def _of_bundle(connection: Connection, rows: Sequence[Any], key: str, to: str) -> list[OpenAlert]:
    """The open alerts of the groups that were told in the bundle of this key."""
    open_groups = sorted({group for row in rows for group in row.groups})
    groups = {line.group for line in _lines(connection, open_groups, {to}) if line.bundle == key}
    return [_open_alert(row, group, bundled=True) for row in rows for group in row.groups if group in groups]


def _open_alert(row: Any, group: str, bundled: bool = False) -> OpenAlert:
    return OpenAlert(
        row.id, row.fingerprint, row.team, row.status, row.triggered_at, row.message, group, bundled
    )


def all_answered(connection: Connection, bundle: str, to: str, since: int) -> bool:
    """Whether nothing fires any more without somebody who has it, of all that a bundle told `to` of since an instant.

    `bundle`: its notification's id; ms UTC. Not before it is known of what it told.
    """
    of_bundle = _then.snapshot["bundle"].as_string() == bundle
    query = select(_then.group, _then.snapshot).where(
        _then.subject == "notification", _then.what == "delivered", _then.at >= since, of_bundle
    )
    told = {group for group, snapshot in connection.execute(query) if snapshot["to"] == to}
    firing = connection.execute(select(_of.groups).where(_of.status == "firing"))
    return bool(told) and not any(told.intersection(groups) for (groups,) in firing)


def any_open(connection: Connection) -> bool:
    """Whether any alert is not over."""
    return connection.scalar(select(_of.id).where(_of.status != "resolved").limit(1)) is not None


class ToldGroup(NamedTuple):
    """A group with open alerts that a recipient was told of. `key`: what names it towards that recipient."""

    group: str
    key: str
    to: str
    message: str  # of its oldest open alert
    bundles: frozenset[str] = frozenset()  # the keys of the bundles in which it was told


def told_groups(connection: Connection, recipients: Collection[str]) -> list[ToldGroup]:
    """The groups with open alerts of which one of these was told, in the order in which they began to fire."""
    query = select(_of.team, _of.message, _of.groups).where(_of.status != "resolved")
    rows = connection.execute(query.order_by(_of.triggered_at, _of.id).limit(MOST))
    began: dict[str, tuple[str, str]] = {}
    for team, message, groups in rows:
        for group in groups:
            began.setdefault(group, (team, message))
    told: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in _lines(connection, list(began), recipients):
        told[line.group][line.to].add(line.bundle)
    return [
        ToldGroup(group, group_key(team, group, to), to, message, frozenset(told[group][to] - {""}))
        for group, (team, message) in began.items()
        for to in sorted(told.get(group, ()))
    ]


class _Line(NamedTuple):
    """That a recipient was told of a group; `bundle`: the key of the message that told of others too, "" where none."""

    group: str
    to: str
    bundle: str


def _lines(connection: Connection, groups: Sequence[str], recipients: Collection[str]) -> Iterator[_Line]:
    """Who of the recipients has been told of each group, and how."""
    named = cache(lambda bundle, to: group_key(PLATFORM, f"{PLATFORM}/{bundle}", to) if bundle else "")
    for first in range(0, len(groups), CHUNK):
        these = _then.group.in_(groups[first : first + CHUNK])
        query = select(_then.group, _then.snapshot).where(these, _then.subject == "notification")
        for group, snapshot in connection.execute(query.where(_then.what == "delivered")):
            kept: dict[str, Any] = snapshot or {}
            to = str(kept.get("to", ""))
            if to in recipients:
                yield _Line(group, to, named(str(kept.get("bundle", "")), to))
