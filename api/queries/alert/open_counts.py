"""How many alerts are open, by what they share: counted in the order of an index that holds the open ones alone."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection, func, select

from sinks.history import schema

_of = schema.alerts.c
# As the index has them: groups of its first columns are counted as they lie there, without sorting.
COLUMNS = {
    "team": _of.team, "severity": _of.severity, "rule_id": _of.rule_id, "rule": _of.rule, "gateway": _of.gateway,
}  # fmt: skip


def open_counts(connection: Connection, teams: list[str] | None, *names: str) -> list[dict[str, Any]]:
    """A row for each combination of these columns with its number of `alerts`; `teams` None: of all teams."""
    last = max(list(COLUMNS).index(name) for name in names)
    columns = list(COLUMNS)[: last + 1]
    query = select(*(COLUMNS[name] for name in columns), func.count()).where(schema.OPEN)
    query = query.group_by(*(COLUMNS[name] for name in columns))
    query = query if teams is None else query.where(_of.team.in_(teams))
    places = [columns.index(name) for name in names]
    counts: Counter[tuple[str, ...]] = Counter()
    for row in connection.execute(query):
        counts[tuple(row[place] for place in places)] += row[-1]
    return [dict(zip(names, values, strict=True)) | {"alerts": count} for values, count in counts.items()]
