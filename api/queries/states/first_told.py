"""Whether a test has ever arrived, and whether anybody was ever told of an alert: what a new installation waits for."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from sinks.history import schema
from tables.respond.endpoint_trial import trial_id

LOOKED_AT = 500  # deliveries, the newest first
LOG = "log"  # the channel that nobody hears
_then = schema.timeline.c


class FirstTold(NamedTuple):
    """Of some teams: whether a test was delivered, and a notification of an alert beyond the log."""

    tested: bool
    told: bool


def first_told(connection: Connection, teams: list[str] | None) -> FirstTold:
    """By the newest deliveries of these teams, of all where None."""
    query = select(_then.subject_id, _then.snapshot["channel"].as_string().label("channel"))
    query = query.where(_then.subject == "notification", _then.what == "delivered")
    query = query if teams is None else query.where(_then.team.in_(teams))
    rows = connection.execute(query.order_by(_then.at.desc()).limit(LOOKED_AT)).all()
    beyond = [row.subject_id.startswith(trial_id("")) for row in rows if row.channel != LOG]
    return FirstTold(tested=any(beyond), told=not all(beyond))
