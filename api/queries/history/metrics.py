"""How fast alerts were acknowledged and resolved: mean, median and nine tenths, of many alerts at once.

The database hands the lengths of each group over as one text of numbers, which is read a hundred times faster than as
many rows; what did not happen stands in no text, and what is only counted is counted there. So a million alerts take
half a second, exactly counted, on SQLite as on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Text,
    and_,
    case,
    cast,
    func,
    select,
    type_coerce,
)

from api.queries.history.period import Per, Period
from api.queries.history.selection import Selection
from sinks.history import schema

DIMENSIONS = ("team", "rule", "severity", "gateway")
MOST = 10_000  # groups in one answer
_of = schema.alerts.c
_COLUMNS = {"team": _of.team, "rule": _of.rule_id, "severity": _of.severity, "gateway": _of.gateway}
NEVER = -1  # stands where something did not happen
Numbers = NDArray[np.int64]


class Lives(NamedTuple):
    """Some alerts: the lengths in ms from firing to the first acknowledgement and to the end, where they happened."""

    acknowledged: Numbers  # however often it was said again or has ended
    resolved: Numbers
    alerts: int
    never: int  # that are over, and that nobody had acknowledged
    suppressed: int  # of which nobody was told for a while
    suppressed_for: int  # ms in all


class AlignedLives(NamedTuple):
    """Some alerts, one place in each column, in ms; NEVER where something did not happen. `since`: of the period."""

    acknowledged: Numbers
    resolved: Numbers
    suppressed: Numbers
    since: Numbers

    def all(self) -> Lives:
        """All of them."""
        return self.lives(np.full(self.resolved.shape, True))

    def lives(self, mask: NDArray[np.bool_]) -> Lives:
        """Those where the mask says so."""
        acknowledged, resolved, suppressed, _ = (column[mask] for column in self)
        had, over, quiet = acknowledged != NEVER, resolved != NEVER, suppressed > 0
        return Lives(
            acknowledged[had], resolved[over], resolved.size, int((over & ~had).sum()), int(quiet.sum()),
            int(suppressed.sum()),
        )  # fmt: skip


class Measured(NamedTuple):
    """The figures of all selected alerts, of each group, and of those that fired on each day, or in each week."""

    total: dict[str, Any]
    groups: list[dict[str, Any]]
    trend: list[dict[str, Any]]


def by(connection: Connection, selection: Selection, dimensions: Sequence[str]) -> list[dict[str, Any]]:
    """The figures of each group of the selected alerts; without dimensions one group holds all of them."""
    return measured(connection, selection, dimensions).groups


def trend(connection: Connection, selection: Selection, per: Per) -> list[dict[str, Any]]:
    """The figures of the alerts that fired on each day, or in each week, of the reader's zone."""
    return measured(connection, selection, (), per).trend


def measured(
    connection: Connection, selection: Selection, dimensions: Sequence[str], per: Per | None = None
) -> Measured:
    """All figures from one look at the alerts; where there are more groups than are listed, from a second one."""
    keys = [_COLUMNS[name].label(name) for name in dimensions]
    if per is None:
        rows, whole = _twice(connection, selection, keys, _counted(connection))
        lives, total = [_lives(row) for row in rows], _together([_lives(row) for row in whole])
        days = []
    else:
        rows, whole = _twice(connection, selection, keys, _aligned(connection, selection))
        lives, together = [_row(row).all() for row in rows], _beside([_row(row) for row in whole])
        days, total = _by_day(selection.period, per, together), together.all()
    return Measured(figures(total), _groups(connection, dimensions, rows, lives), days)


def _twice(
    connection: Connection, selection: Selection, keys: Sequence[Any], columns: Sequence[ColumnElement[Any]]
) -> tuple[Sequence[RowMapping], Sequence[RowMapping]]:
    """The rows of the groups, and those that hold all alerts: the same, or one where groups were left out."""
    rows = _grouped(connection, selection, keys, columns)
    return rows, rows if len(rows) < MOST else _grouped(connection, selection, [], columns)


def _groups(
    connection: Connection, dimensions: Sequence[str], rows: Sequence[RowMapping], lives: Sequence[Lives]
) -> list[dict[str, Any]]:
    names = _rule_names(connection, {row["rule"] for row in rows}) if "rule" in dimensions else {}
    groups = []
    for row, life in zip(rows, lives, strict=True):
        known = {name: row[name] for name in dimensions}
        if "rule" in known:
            known |= {"rule_id": row["rule"], "rule": names.get(row["rule"], row["rule"])}
        groups.append(known | figures(life))
    return sorted(groups, key=lambda group: (-group["alerts"], *(str(group[name]) for name in dimensions)))


def _by_day(period: Period, per: Per, alerts: AlignedLives) -> list[dict[str, Any]]:
    days = period.days(per)
    starts = np.array(period.starts(days), np.int64) - period.begin
    place = np.searchsorted(starts, alerts.since, side="right") - 1
    return [
        {per: day.isoformat()} | figures(alerts.lives(place == number)) for number, day in enumerate(days)
    ]


def figures(lives: Lives) -> dict[str, Any]:
    """What is said of some alerts; times in seconds, null where nothing is to be said."""
    return {
        "alerts": lives.alerts,
        "acknowledged": int(lives.acknowledged.size),
        "resolved": int(lives.resolved.size),
        "never_acknowledged": lives.never,
        "time_to_acknowledge": _spread(lives.acknowledged),
        "time_to_resolve": _spread(lives.resolved),
        "suppressed": {"alerts": lives.suppressed, "seconds": lives.suppressed_for / 1000},
    }


def _spread(times: Numbers) -> dict[str, float | None]:
    """Mean, median and nine tenths of some lengths of time in ms, as seconds."""
    if not times.size:
        return {"mean": None, "median": None, "p90": None}
    median, tenths = np.percentile(times, (50, 90))
    spread = {"mean": float(times.mean()), "median": float(median), "p90": float(tenths)}
    return {name: round(value / 1000, 3) for name, value in spread.items()}


def _grouped(
    connection: Connection, selection: Selection, keys: Sequence[Any], columns: Sequence[ColumnElement[Any]]
) -> Sequence[RowMapping]:
    """One row for each group; one row in all where there are no keys."""
    query = select(*keys, *columns).where(selection.where(connection.dialect.name))
    if keys:
        query = query.group_by(*keys).limit(MOST)
    return connection.execute(query).mappings().all()


def _counted(connection: Connection) -> list[ColumnElement[Any]]:
    """What happened, as texts of lengths, and the rest as counts."""
    never = case((and_(_of.resolved_at.is_not(None), _of.first_acknowledged_at.is_(None)), 1))
    return [
        _text(connection, _after(_of.first_acknowledged_at)).label("acknowledged"),
        _text(connection, _after(_of.resolved_at)).label("resolved"),
        func.count().label("alerts"),
        func.count(never).label("never"),
        func.count(func.nullif(_of.suppressed_for, 0)).label("suppressed"),
        func.sum(_of.suppressed_for).label("suppressed_for"),
    ]


def _aligned(connection: Connection, selection: Selection) -> list[ColumnElement[Any]]:
    """All of each alert as texts of numbers, so that a place stands for one alert in each of them."""
    columns = {
        "acknowledged": func.coalesce(_after(_of.first_acknowledged_at), NEVER),
        "resolved": func.coalesce(_after(_of.resolved_at), NEVER),
        "suppressed": _of.suppressed_for,
        "since": _of.triggered_at - selection.period.begin,
    }
    return [_text(connection, column).label(name) for name, column in columns.items()]


def _text(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[str]:
    """The numbers of a group as one text; what is null is left out. SQLite spells numbers by itself."""
    spelled = type_coerce(column, Text) if connection.dialect.name == "sqlite" else cast(column, Text)
    return func.aggregate_strings(spelled, ",")


def _after(instant: ColumnElement[int | None]) -> ColumnElement[Any]:
    """How long after the firing; clocks that differ make it no less than nothing; null where it did not happen."""
    return case((instant < _of.triggered_at, 0), else_=instant - _of.triggered_at)


def _together(lives: Sequence[Lives]) -> Lives:
    acknowledged = np.concatenate([_numbers(""), *(each.acknowledged for each in lives)])
    resolved = np.concatenate([_numbers(""), *(each.resolved for each in lives)])
    counts = (
        (sum(some) for some in zip(*(each[2:] for each in lives), strict=True)) if lives else (0, 0, 0, 0)
    )
    return Lives(acknowledged, resolved, *counts)


def _beside(alerts: Sequence[AlignedLives]) -> AlignedLives:
    columns = zip(*alerts, strict=True) if alerts else [[_numbers("")]] * len(AlignedLives._fields)
    return AlignedLives(*(np.concatenate(list(column)) for column in columns))


def _lives(row: RowMapping) -> Lives:
    counts = (int(row[name] or 0) for name in Lives._fields[2:])
    return Lives(_numbers(row["acknowledged"]), _numbers(row["resolved"]), *counts)


def _row(row: RowMapping) -> AlignedLives:
    return AlignedLives(*(_numbers(row[name]) for name in AlignedLives._fields))


def _numbers(text: str | None) -> Numbers:
    return np.fromstring(text or "", np.int64, sep=",")


def _rule_names(connection: Connection, rules: set[str]) -> dict[str, str]:
    """What each rule was called when it fired last."""
    newest = select(_of.rule).order_by(_of.triggered_at.desc()).limit(1)
    return {rule: connection.scalar(newest.where(_of.rule_id == rule)) or rule for rule in rules}
