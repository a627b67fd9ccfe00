"""`GET /v1/sights`: what each rule can see: its metrics, when they were last seen, or the nearest names that were."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter

from api.instant import spell
from api.permission import visible
from api.reading import documents as reading
from api.seen import Seen, sights
from api.wiring import Who, Wired
from streams.rule import Rule

router = APIRouter(prefix="/v1/sights", tags=["rules"])


@router.get("")
async def listed(wired: Wired, who: Who) -> dict[str, Any]:
    """Every rule that you may see, with its metrics; `last_seen` null where none came lately."""
    found = await wired.telemetry.seen()
    rows = await wired.database.read(lambda c: reading.all_of(c, "rule", visible(who)))
    shown = [_shown(cast(Rule, row.document()), found, who.admin) for row in rows]
    return {"rules": shown, "metrics": len(found)}


def _shown(rule: Rule, found: Seen, everything: bool) -> dict[str, Any]:
    """What the rule sees; names of gateways only for those who may see all of them."""
    metrics = [
        {
            "metric": one.metric,
            "last_seen": spell(one.at),
            "gateways": one.gateways if everything else [],
            "near": one.near,
        }
        for one in sights(rule, found)
    ]
    return {"id": rule.id, "team": rule.team, "name": rule.name, "enabled": rule.enabled, "metrics": metrics}
