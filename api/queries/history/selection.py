"""Which alerts a question about the past is about: those that fired in a period, narrowed by what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_

from api.queries.history.period import Period
from api.queries.page import contains
from sinks.history import schema

_of = schema.alerts.c


class Selection(NamedTuple):
    """Which alerts. Empty lists and texts: any. `teams` None: of all teams."""

    teams: list[str] | None
    period: Period
    statuses: Sequence[str] = ()
    severities: Sequence[str] = ()
    team: str = ""
    gateway: str = ""
    rule: str = ""
    text: str = ""

    def where(self, dialect: str) -> ColumnElement[bool]:
        """The condition in SQL."""
        clauses = [_of.triggered_at >= self.period.begin, _of.triggered_at < self.period.end]
        if self.teams is not None:
            clauses.append(_of.team.in_(self.teams))
        for column, words in ((_of.status, self.statuses), (_of.severity, self.severities)):
            if words:
                clauses.append(column.in_(words))
        clauses += [
            column == word for column, word in ((_of.team, self.team), (_of.gateway, self.gateway)) if word
        ]
        if self.rule:
            clauses.append(or_(_of.rule == self.rule, _of.rule_id == self.rule))
        return and_(*clauses, *(contains(word, dialect) for word in self.text.split()))
