"""By what a list of alerts can be narrowed, and how many there are of each.

The counts of one facet heed all filters but its own, so that they say what another choice would show.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, select

from api.queries.page import STATUSES, Filters, conditions
from sinks.history import schema

FACETS = ("status", "severity", "team", "gateway", "rule", "suppressed")
MOST = 50  # values of one facet
OPEN = STATUSES[:2]
_of = schema.alerts.c


class _Alike(NamedTuple):
    """What alerts that are counted together share."""

    status: str
    severity: str
    team: str
    gateway: str
    rule: str
    suppressed: str


def facets(connection: Connection, filters: Filters) -> dict[str, list[dict[str, Any]]]:
    """Of each facet the most frequent values with their counts; alerts that are over count where they are asked for."""
    chosen = _chosen(filters)
    wide = filters._replace(statuses=(), severities=(), team="", gateway="", rule="", suppressed=None)
    counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    for alike, count in _groups(connection, wide, (*OPEN, *filters.statuses)):
        values = alike._asdict()
        missed = [facet for facet in FACETS if chosen[facet] and values[facet] not in chosen[facet]]
        for facet in FACETS if not missed else missed if len(missed) == 1 else ():
            counts[facet][values[facet]] += count
    for facet, known in counts.items():
        known.update(dict.fromkeys(chosen[facet], 0))
    return {facet: _listed(known) for facet, known in counts.items()}


def _chosen(filters: Filters) -> dict[str, tuple[str, ...]]:
    """The values of each facet that the filters let through; none: all."""
    told = {None: (), True: ("yes",), False: ("no",)}[filters.suppressed]
    single = {
        name: (value,) if (value := getattr(filters, name)) else () for name in ("team", "gateway", "rule")
    }
    many = {"status": tuple(filters.statuses), "severity": tuple(filters.severities)}
    return {**many, **single, "suppressed": told}


def _groups(connection: Connection, filters: Filters, statuses: tuple[str, ...]) -> list[tuple[_Alike, int]]:
    """How many alerts share all that a facet asks for; grouped as the index over open alerts has them."""
    columns = (_of.team, _of.severity, _of.rule_id, _of.rule, _of.gateway, _of.status, _of.suppressed_since)
    meant = schema.OPEN if set(statuses) <= set(OPEN) else _of.status.in_(statuses)
    where = and_(meant, *conditions(filters, connection.dialect.name))
    counts: Counter[_Alike] = Counter()
    for row in connection.execute(select(*columns, func.count()).where(where).group_by(*columns)):
        team, severity, _, rule, gateway, status, suppressed, count = row
        counts[_Alike(status, severity, team, gateway, rule, "no" if suppressed is None else "yes")] += count
    return list(counts.items())


def _listed(counts: Counter[str]) -> list[dict[str, Any]]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"value": value, "count": count} for value, count in ordered[:MOST]]
