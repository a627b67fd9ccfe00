"""How many alerts are open, by team, rule, severity or gateway: as the history counts them, of those not yet over."""

from __future__ import annotations

from typing import Any

from api.dependencies import Dependencies
from api.instant import spell
from api.queries.history.metrics import by
from api.queries.history.period import LONGEST
from api.routes.history.asked import Past
from streams.messages.command import Principal
from streams.topics import DAY

OPEN = "firing,acknowledged"


async def open_by(deps: Dependencies, who: Principal, *dimensions: str) -> list[dict[str, Any]]:
    """A group for each combination with its number of open `alerts`; of those that fired within some 400 days."""
    since, until = deps.now() - LONGEST + DAY, deps.now() + DAY  # the clocks of gateways may be ahead of ours
    asked = Past.model_validate({"from": spell(since), "to": spell(until), "status": OPEN})
    selection = asked.selection(who, deps.now())
    return await deps.database.read(lambda c: by(c, selection, dimensions))
