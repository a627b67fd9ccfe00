"""What silences and windows that hold cover, and their owners, in; how many open alerts each covers, out.

What asks for no labels but those that are columns is counted over all, by combinations; else the newest are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from api.queries.alert.open_counts import COLUMNS, open_counts
from api.queries.states.coverable import types_of_open
from sinks.history import schema
from streams.documents import coverage
from streams.messages.alert import AlertIdentity, about
from tables.respond.route.state import owners

LOOKED_AT = 5_000  # open alerts, the newest first, where their labels have to be read
_of = schema.alerts.c
KNOWN = frozenset({*COLUMNS, "type"})  # labels that are columns, or follow from one


class _Alike(NamedTuple):
    team: str
    labels: dict[str, str]
    alerts: int


def counts(
    connection: Connection, documents_: Sequence[tuple[str, str]], teams: list[str] | None
) -> list[int]:
    """How many open alerts each of several documents covers, of which `covers` and the owner are given."""
    plain = [all(each.label in KNOWN for each in coverage.compiled(covers)) for covers, _ in documents_]
    asked = {each.label for covers, _ in documents_ for each in coverage.compiled(covers)}
    types = types_of_open(connection, teams) if "type" in asked else {}
    combined = list(_combined(connection, teams, types)) if any(plain) else []
    newest = list(_newest(connection, teams, types)) if not all(plain) else []
    return [
        _count(combined if simple else newest, covers, owner)
        for simple, (covers, owner) in zip(plain, documents_, strict=True)
    ]


def _count(alerts: Iterable[_Alike], covers: str, owner: str) -> int:
    fits = (each for each in alerts if owner in owners(each.team) and coverage.covers(covers, each.labels))
    return sum(each.alerts for each in fits)


def _combined(connection: Connection, teams: list[str] | None, types: Mapping[str, str]) -> Iterator[_Alike]:
    for row in open_counts(connection, teams, *COLUMNS):
        yield _Alike(row["team"], _labels(row, types), row["alerts"])


def _newest(connection: Connection, teams: list[str] | None, types: Mapping[str, str]) -> Iterator[_Alike]:
    query = select(*COLUMNS.values(), _of.labels).where(schema.OPEN)
    query = query if teams is None else query.where(_of.team.in_(teams))
    for row in connection.execute(query.order_by(_of.triggered_at.desc()).limit(LOOKED_AT)).mappings():
        yield _Alike(row["team"], dict(row["labels"]) | _labels(dict(row), types), 1)


def _labels(row: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, str]:
    """What matchers see of an alert beside its labels, as respond shows it to them."""
    identity = AlertIdentity(row["team"], row["rule"], row["gateway"], types.get(row["rule_id"], ""))
    return about(identity, row["severity"])
