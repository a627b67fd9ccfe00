"""What questions about the past may be narrowed by: the same parameters for the table, the figures and the reports."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api.queries.history.period import period
from api.queries.history.selection import Selection
from api.queries.page import SEVERITIES, STATUSES
from api.words import words
from streams.access import Permission, readable_teams, require
from streams.messages.command import Principal


class Past(BaseModel):
    """Which alerts: when they fired (`from`, `to`, in days of `zone` or as instants), and what they are."""

    model_config = ConfigDict(extra="forbid", str_max_length=500, populate_by_name=True)
    begin: str = Field(default="", alias="from")
    end: str = Field(default="", alias="to")
    zone: str = "UTC"
    status: str = ""
    severity: str = ""
    team: str = ""
    gateway: str = ""
    rule: str = ""
    q: str = ""

    def selection(self, who: Principal, now: int) -> Selection:
        """The alerts that are meant, of those that the person may see; Refused names what cannot be read."""
        if self.team:
            require(who, Permission.READ, self.team)
        return Selection(
            teams=readable_teams(who),
            period=period(self.begin, self.end, self.zone, now),
            statuses=words(self.status, STATUSES, "status"),
            severities=words(self.severity, SEVERITIES, "severity"),
            team=self.team,
            gateway=self.gateway,
            rule=self.rule,
            text=self.q,
        )
