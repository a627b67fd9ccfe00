"""What people did at a provider becomes commands: who was told of a group there may acknowledge and resolve it.

The signature says that the provider speaks, the group's key that it speaks of what it was told. So the command bears
the person's name there, and the alert's own team.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from api.commands.command_client import CommandDecision, command
from api.commands.idempotency import IdempotencyKey
from api.dependencies import Dependencies
from api.queries import groups
from api.queries.groups import OpenAlert
from sources.intake.answers import ProviderAnswer
from streams.access import TeamRole
from streams.documents.document import derived
from streams.messages.command import Acknowledge, Escalate, Principal, Resolve

MOST = 200  # alerts that one answer resolves; an acknowledgement is of the whole group
SKEW = 5_000  # ms by which a provider's clock may differ from the broker's


async def obey(deps: Dependencies, to: str, answer: ProviderAnswer) -> Sequence[CommandDecision]:
    """The decisions on all that an answer asks for; none where nothing is left to be done, so that nothing echoes.

    `to`: which endpoint had been told, `endpoint/<team>/<name>`.
    """
    found = await deps.database.read(lambda c: groups.open_alerts(c, answer.key, to))
    said_at = deps.now() if answer.at is None else answer.at
    found = [alert for alert in found if alert.triggered_at <= said_at + SKEW]
    if answer.do != "resolve":
        found = [alert for alert in found if alert.status == "firing"][:1]
    return await asyncio.gather(*(_ask(deps, to, answer, alert) for alert in found[:MOST]))


async def _ask(deps: Dependencies, to: str, answer: ProviderAnswer, alert: OpenAlert) -> CommandDecision:
    action: Acknowledge | Escalate | Resolve = Resolve(alert=alert.fingerprint, alert_id=alert.id)
    if answer.do != "resolve":
        kind = Acknowledge if answer.do == "acknowledge" else Escalate
        action = kind(alert=alert.fingerprint, alert_id=alert.id, group=alert.group)
    parts = (to, answer.id, alert.id if answer.do == "resolve" else "")
    id = str(derived("answer", *parts))  # what a provider sends again is the same command
    who = Principal(
        name=answer.by, teams=(alert.team,), roles={alert.team: TeamRole.RESPONDER}
    )  # and nothing else of the team's
    decision = await deps.command_client.ask(
        command(action, IdempotencyKey(id, ""), deps.now(), who, alert.team)
    )
    deps.measures.commands.labels(action.do, decision.status).inc()
    return decision
