"""Alerts as the machine last told of them: the open ones, or one of them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from sinks.history import schema
from streams.messages.alert import AlertSnapshot

MOST = 20_000  # states of one look
_of, _then = schema.alerts.c, schema.timeline.c


def open_now(connection: Connection, teams: list[str] | None) -> list[AlertSnapshot]:
    """The open alerts of some teams, of all where None, each as its newest change has it."""
    newest = (
        select(func.max(_then.sequence))
        .where(_then.alert_id == _of.id, _then.subject == "alert")
        .correlate(schema.alerts)
        .scalar_subquery()
    )
    query = select(_then.snapshot).join_from(schema.alerts, schema.timeline, _then.sequence == newest)
    query = query.where(_of.status != "resolved").order_by(_of.triggered_at.desc()).limit(MOST)
    return _snapshots(connection, query if teams is None else query.where(_of.team.in_(teams)))


def one(connection: Connection, alert_id: str, teams: list[str] | None) -> AlertSnapshot | None:
    """An alert as its newest change has it, where one of the teams owns it."""
    query = select(_then.snapshot).where(_then.alert_id == alert_id, _then.subject == "alert")
    query = query.order_by(_then.sequence.desc()).limit(1)
    snapshots = _snapshots(connection, query if teams is None else query.where(_then.team.in_(teams)))
    return next(iter(snapshots), None)


def _snapshots(connection: Connection, query: Any) -> list[AlertSnapshot]:
    states: list[AlertSnapshot] = []
    for row in connection.scalars(query):
        with suppress(msgspec.ValidationError):  # an alert of an earlier release
            states.append(msgspec.convert(row, AlertSnapshot))
    return states
