"""`POST /v1/plan`: what a set of documents would change, before anything is changed."""

from __future__ import annotations

from typing import Annotated, Any

from aiokafka.errors import KafkaError
from fastapi import APIRouter, Body

from api import desk
from api.permission import may, visible
from api.plan import Stored, plan
from api.reading import documents as reading
from api.seen import Sight, sights
from api.wiring import Who, Wired, Wiring
from streams.document import Owned
from streams.rule import Rule

router = APIRouter(prefix="/v1/plan", tags=["documents"])
Documents = Annotated[list[dict[str, Any]], Body(max_length=10_000)]


@router.post("")
async def planned(
    wired: Wired, who: Who, documents: Documents, prune: Annotated[bool, Body()] = False
) -> dict[str, Any]:
    """The steps in sentences and what forbids them. Each document: its fields and its kind as `type`."""
    wanted = [desk.readable(str(body.get("type")), body) for body in documents]
    rows = await wired.database.read(lambda c: reading.all_of(c, "", visible(who)))
    found = plan(wanted, [Stored(row.document(wired.sealer), row.revision) for row in rows], prune)
    foreign = [_foreign(one, who.name) for one in wanted if not may(who, one.team)]
    changed = {step.id for step in found.steps if step.do in ("create", "update")}
    return {
        "steps": [step._asdict() for step in found.steps],
        "complaints": [one._asdict() for one in found.complaints] + foreign,
        "warnings": await _blind(
            wired, [one for one in wanted if isinstance(one, Rule) and one.id in changed]
        ),
    }


async def _blind(wired: Wiring, rules: list[Rule]) -> list[dict[str, str]]:
    """A warning for each metric of these rules that nobody has sent lately; none where that cannot be known."""
    try:
        seen = await wired.telemetry.seen() if rules else {}
    except (KafkaError, OSError):
        return []
    return [
        {"kind": "rule", "team": rule.team, "name": rule.name, "path": "", "says": _unseen(one)}
        for rule in rules
        for one in sights(rule, seen)
        if one.at is None
    ]


def _unseen(one: Sight) -> str:
    near = f"; nearest names seen: {', '.join(one.near)}" if one.near else ""
    return f"nobody has sent {one.metric} lately, so the rule is blind until somebody does{near}"


def _foreign(one: Owned, name: str) -> dict[str, str]:
    says = f"{name} is not in team {one.team!r}: a member or an administrator may do this"
    return {"kind": one.type, "team": one.team, "name": one.name, "path": "team", "says": says}
