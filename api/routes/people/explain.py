"""`/v1/alerts/{id}/explain`: every gate between an alert and people, passed or not, and what comes next when."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool

from api import instant
from api.commands.answer import found
from api.dependencies import Deps, Who
from api.documents.explanation import Explainer, Gate
from api.queries import documents as reading
from api.queries.states import alert_states, escalations, holds
from api.queries.states.escalations import EscalationStanding
from api.queries.states.holds import HeldLine
from streams.access import readable_teams
from streams.codes import RefusalCode
from streams.documents.document import Owned
from streams.errors import Refused
from streams.messages.alert import AlertSnapshot

MINUTE = 60_000  # ms before it fires that a line of its group may stand
router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


@router.get("/{alert_id}/explain")
async def explain(
    deps: Deps, who: Who, alert_id: str, person: Annotated[str, Query(max_length=200)] = ""
) -> dict[str, Any]:
    """Every gate on the way to people, or to one person, with code, document and time; and what comes next when."""
    teams = readable_teams(who)
    alert = await deps.database.read(lambda c: alert_states.one(c, alert_id, teams))
    known: AlertSnapshot = found(alert, f"alert {alert_id}")
    documents = await deps.database.read(lambda c: reading.readable(reading.all_of(c, "", None)))
    since = known.triggered_at - MINUTE
    standing = await deps.database.read(lambda c: escalations.standings(c, known.groups, since))
    held = await deps.database.read(lambda c: holds.holds(c, known.groups, since))
    answer = await run_in_threadpool(_answer, documents, known, standing, person, deps.now())
    answer["gates"] += [_gate(_held(line)) for line in held]
    return answer


def _answer(
    documents: list[Owned], alert: AlertSnapshot, standing: list[EscalationStanding], person: str, now: int
) -> dict[str, Any]:
    explainer = Explainer(documents, now)
    if person and not explainer.knows(alert, person):
        raise Refused(
            f"`person`: there is no person {person!r:.60} for team {alert.team}", RefusalCode.NOT_FOUND
        )
    explanation = explainer.explain(alert, person)
    return {
        "alert": alert.id,
        "at": instant.spell(now),
        "gates": [_gate(gate) for gate in explanation.gates],
        "next": [_next(explainer, alert, each, now) for each in standing],
    }


def _held(line: HeldLine) -> Gate:
    """What deliver holds, or has given up, as it stands in the timeline."""
    return Gate("delivery", False, line.code, line.reason, line.document, line.until, line.group)


def _gate(gate: Gate) -> dict[str, Any]:
    return {
        "gate": gate.gate, "passed": gate.passed, "code": str(gate.code), "reason": gate.reason,
        "document": gate.document or None, "until": instant.spell(gate.until), "group": gate.group or None,
    }  # fmt: skip


def _next(
    explainer: Explainer, alert: AlertSnapshot, standing: EscalationStanding, now: int
) -> dict[str, Any]:
    """What the escalation of one group does next if nothing happens, to whom as things are then, and when."""
    escalation, at = standing.escalation, standing.due
    move = escalation.next if alert.status == "firing" and alert.suppression is None else ""
    reached = explainer.reaches(escalation.next_to, alert, at or now)
    known = [contact.hops or contact.to.removeprefix("endpoint/") for contact in reached.reached]
    to = known or [name for name in escalation.next_to if move == "repeat"]
    named = {
        "step": f"step {escalation.next_step + 1}",
        "last_resort": "the last resort",
        "repeat": "a reminder",
    }
    return {
        "group": standing.group,
        "state": escalation.state,
        "next": named.get(move, "nothing, until something happens"),
        "at": instant.spell(at) if move else None,
        "in_seconds": max(0, ((at or now) - now) // 1_000) if move else None,
        "to": to if move else [],
        "unreached": [contact.reason for contact in reached.unreached] if move else [],
        "why": escalation.why,
    }
