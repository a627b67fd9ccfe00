"""How many alerts are open of those that a reader may see, by team, rule, severity or gateway."""

from __future__ import annotations

from typing import Any

from api.dependencies import Dependencies
from api.queries.alert.open_counts import open_counts
from streams.access import readable_teams
from streams.messages.command import Principal

OPEN = "firing,acknowledged"


async def open_by(deps: Dependencies, who: Principal, *dimensions: str) -> list[dict[str, Any]]:
    """A group for each combination with its number of open `alerts`."""
    teams = readable_teams(who)
    return await deps.database.read(lambda c: open_counts(c, teams, *dimensions))
