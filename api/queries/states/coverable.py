"""What matchers see of alerts, without the rest of them: of those that are open, and of what was within a while.

Of the labels only those are read that somebody asks for: twenty thousand alerts then cost a tenth of a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

from api.queries import documents
from api.queries.alert.open_counts import open_counts
from api.trials.coverage_trial import AlertState
from sinks.history import schema
from streams.documents.rule import Rule
from streams.messages.alert import AlertIdentity, about

MOST = 20_000  # alerts of one look, the newest first
CHANGED = 5_000  # changes of severity of one look
SINGLE = 8  # labels that are read one by one; where more are asked for, all are
ENDED, SEVERITY = ("resolved", "missed"), ("worsened", "updated")
_of, _then = schema.alerts.c, schema.timeline.c
_COLUMNS = (_of.id, _of.rule, _of.severity, _of.team, _of.gateway, _of.message)
IDENTITY = frozenset({"severity", *AlertIdentity._fields})  # what is asked for like a label, and is a column


class Looked(NamedTuple):
    """Alerts of some teams, of all where None, with the labels that somebody asks for."""

    teams: list[str] | None
    labels: frozenset[str]


def types_of_open(connection: Connection, teams: list[str] | None) -> dict[str, str]:
    """The type of each rule that has open alerts, by its id."""
    return types_of(connection, {row["rule_id"] for row in open_counts(connection, teams, "rule_id")})


def types_of(connection: Connection, rules: set[str]) -> dict[str, str]:
    """The type of each of these rules, by its id; of one that is gone none is known."""
    rows = documents.some(connection, rules, None).values()
    return {rule.id: str(rule.rule_type) for rule in documents.readable(rows) if isinstance(rule, Rule)}


def open_now(connection: Connection, looked: Looked) -> list[AlertState]:
    """The open alerts as they are."""
    query = _select(looked).where(schema.OPEN).order_by(_of.triggered_at.desc()).limit(MOST)
    return list(_states(connection, query, looked))


def earlier(
    connection: Connection, looked: Looked, at: int, present: Sequence[AlertState]
) -> list[AlertState]:
    """What was otherwise since an instant, ms UTC: alerts that ended, and what open ones were before they changed."""
    ended = _happened(ENDED, at).limit(MOST).subquery()
    query = _select(looked).where(_of.status == "resolved", _of.id.in_(select(ended.c.alert_id)))
    over = list(_states(connection, query, looked))
    severities = _severities(connection, at)
    before = [
        state._replace(severity=severity, labels={**state.labels, "severity": severity})
        for state in (*present, *over)
        for severity in sorted(severities.get(state.id, set()) - {state.severity})
    ]
    return [*over, *before]


def _happened(what: tuple[str, ...], at: int) -> Select[Any]:
    here = (_then.subject == "alert", _then.what.in_(what), _then.at >= at)
    return select(_then.alert_id).where(*here).order_by(_then.at.desc())


def _severities(connection: Connection, at: int) -> Mapping[str, set[str]]:
    """The severities that alerts had which had several since an instant, by the alert's id."""
    changed = _happened(SEVERITY, at).limit(CHANGED).subquery()
    own = (_then.subject == "alert", _then.what.in_(("fired", *SEVERITY)))
    query = select(_then.alert_id, _then.snapshot["severity"].as_string())
    query = query.where(_then.alert_id.in_(select(changed.c.alert_id)), *own)
    severities: dict[str, set[str]] = defaultdict(set)
    for alert, severity in connection.execute(query):
        severities[alert].add(severity)
    return severities


def _single(looked: Looked) -> list[str]:
    """The labels that are read one by one; none: all of them are read."""
    names = sorted(looked.labels - IDENTITY)
    return names if len(names) <= SINGLE else []


def _select(looked: Looked) -> Select[Any]:
    names = _single(looked)
    labels = [_of.labels[name].as_string() for name in names] if names else [_of.labels]
    type_ = _type() if "type" in looked.labels else literal("")
    query = select(*_COLUMNS, type_, *(labels if looked.labels - IDENTITY else ()))
    return query if looked.teams is None else query.where(_of.team.in_(looked.teams))


def _type() -> ColumnElement[str]:
    """The type of its rule, as the newest change of the alert has it."""
    own = (_then.alert_id == _of.id, _then.subject == "alert")
    newest = (
        select(_then.snapshot["rule_type"].as_string()).where(*own).order_by(_then.sequence.desc()).limit(1)
    )
    return func.coalesce(newest.correlate(schema.alerts).scalar_subquery(), "")


def _states(connection: Connection, query: Select[Any], looked: Looked) -> Iterator[AlertState]:
    names = _single(looked)
    for row in connection.execute(query):
        id_, rule, severity, team, gateway, message, type_, *labels = tuple(row)
        own = AlertIdentity(team, rule, gateway, type_)
        asked = {name: value or "" for name, value in zip(names, labels, strict=True)} if names else {}
        whole = labels[0] if labels and not names else {}
        yield AlertState(
            id_, rule, severity, team, gateway, message, {**asked, **whole, **about(own, severity)}
        )
