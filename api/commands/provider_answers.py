"""What people did at a provider becomes commands: who was told of a group there may acknowledge and resolve it.

What answers a bundle answers each group that it told of, as if each had been answered alone.

The signature says that the provider speaks, the group's key that it speaks of what it was told. So the command bears
the person's name there, and the alert's own team.
"""

from __future__ import annotations

from collections.abc import Sequence

from api.commands.command_client import CommandDecision, command
from api.commands.idempotency import IdempotencyKey
from api.dependencies import Dependencies
from api.queries import groups
from api.queries.groups import OpenAlert
from sources.intake.answers import ProviderAnswer
from streams.access import TeamRole
from streams.documents.document import derived
from streams.errors import Failure, Refused
from streams.messages.command import Acknowledge, Command, Escalate, Principal, Resolve

MOST = 200  # alerts that one answer resolves, or groups of a bundle: what is left, the next answer takes
SKEW = 5_000  # ms by which a provider's clock may differ from the broker's


async def obey(deps: Dependencies, to: str, answer: ProviderAnswer) -> Sequence[CommandDecision]:
    """The decisions on all that an answer asks for; none where nothing is left to be done, so that nothing echoes.

    `to`: which endpoint had been told, `endpoint/<team>/<name>`.
    """
    alerts = await deps.database.read(lambda c: groups.open_alerts(c, answer.key, to))
    said_at = deps.now() if answer.at is None else answer.at
    alerts = [alert for alert in alerts if alert.triggered_at <= said_at + SKEW]
    if answer.do != "resolve":
        alerts = _one_a_group(alerts)
    results = await deps.command_client.ask_all(
        [_command(deps, to, answer, alert) for alert in alerts[:MOST]]
    )
    return [_decision(deps, answer, result) for result in results]


def _one_a_group(alerts: Sequence[OpenAlert]) -> list[OpenAlert]:
    """The oldest alert that fires of each group: by it the whole group is acknowledged, or goes to its next step."""
    oldest: dict[tuple[str, str], OpenAlert] = {}
    for alert in alerts:
        if alert.status == "firing":
            oldest.setdefault((alert.team, alert.group), alert)
    return list(oldest.values())


def _decision(
    deps: Dependencies, answer: ProviderAnswer, result: CommandDecision | Failure
) -> CommandDecision:
    """What was decided; a member that could not even be asked for counts as refused, unless nobody answers at all."""
    if isinstance(result, Failure) and not isinstance(result, Refused):
        raise result
    if isinstance(result, Failure):
        result = CommandDecision("", "refused", str(result), code=result.code)
    deps.measures.commands.labels(answer.do, result.status).inc()
    return result


def _command(deps: Dependencies, to: str, answer: ProviderAnswer, alert: OpenAlert) -> Command:
    action: Acknowledge | Escalate | Resolve = Resolve(alert=alert.fingerprint, alert_id=alert.id)
    if answer.do != "resolve":
        kind = Acknowledge if answer.do == "acknowledge" else Escalate
        action = kind(alert=alert.fingerprint, alert_id=alert.id, group=alert.group)
    about = alert.id if answer.do == "resolve" else alert.group if alert.bundled else ""
    parts = (to, answer.id, about)
    id = str(derived("answer", *parts))  # what a provider sends again is the same command
    who = Principal(
        name=answer.by, teams=(alert.team,), roles={alert.team: TeamRole.RESPONDER}
    )  # and nothing else of the team's
    return command(action, IdempotencyKey(id, ""), deps.now(), who, alert.team)
