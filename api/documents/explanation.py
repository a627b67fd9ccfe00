"""Why people are told of an alert, or are not: its newest state and all documents in, each gate on the way out.

The machines' own steps answer, on the documents as they are now; what has happened comes from the timeline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from api.documents.politeness import Politeness
from streams.calendar.instant import spell
from streams.codes import ExplainCode, SilentReason, SuppressionReason
from streams.documents.document import PLATFORM, Owned
from streams.documents.oncall.person import PersonDocument
from streams.documents.rule import Rule
from streams.messages.alert import AlertSnapshot, AlertStatus
from tables.respond.alert.state import Facts
from tables.respond.context import Context
from tables.respond.machine import Respond
from tables.respond.oncall.audience import Audience, audience, audiences
from tables.respond.route.routing import find_routes, resolve_plan
from tables.respond.route.state import EscalationPlan, Routed, RouteMatch, owners

SETTLED = 1_500  # ms in which a machine takes its documents in


class Gate(NamedTuple):
    """One thing that decides whether people are told. `document`: `kind/team/name` of what says so; `until`: ms UTC."""

    gate: str
    passed: bool
    code: str
    reason: str
    document: str = ""
    until: int | None = None
    group: str = ""


class Path(NamedTuple):
    """One route that the alert takes: the key of its group, why, its plan, and whom each step reaches now."""

    group: str
    plan: EscalationPlan
    steps: tuple[Audience, ...]


class AlertExplanation(NamedTuple):
    """All gates in the order in which they are passed, and the routes that the alert takes."""

    gates: tuple[Gate, ...]
    paths: tuple[Path, ...]


class Explainer:
    """The machine's steps on given documents at an instant, ms UTC."""

    def __init__(self, documents: Sequence[Owned], now: int) -> None:
        """All documents that may count."""
        from tables.world import World  # late: the API starts sooner without the other machines

        world = World(documents, start=now - SETTLED, tick=SETTLED)
        world.advance(now)
        machine = world.machines["respond"]
        assert isinstance(machine, Respond)
        self.ctx: Context = machine.ctx
        self._politeness = Politeness(world)
        self.now = now
        self._rules = {document.id: document for document in documents if isinstance(document, Rule)}

    def explain(self, alert: AlertSnapshot, person: str = "") -> AlertExplanation:
        """Why people, or one of them, are told of an alert now, or are not."""
        rule = self._rules.get(alert.rule_id)
        facts = _facts(alert, rule)
        matches = find_routes(self.ctx, facts, alert.severity)
        paths = tuple(self._path(facts, key, match, alert) for key, match in matches.items())
        steps = [gate for path in paths for gate in self._steps(path, alert, person)]
        return AlertExplanation((*_of_alert(alert, rule), *_of_routes(paths), *steps), paths)

    def _path(self, facts: Facts, key: str, match: RouteMatch, alert: AlertSnapshot) -> Path:
        routed = Routed(facts.team, facts.rule, match.route, facts.routing, match.warnings)
        plan = resolve_plan(self.ctx, routed)
        audiences_now = audiences(self.ctx, plan, alert.severity, self.now)
        return Path(
            key,
            plan,
            (*audiences_now.steps, audiences_now.last_resort) if plan.last_resort else audiences_now.steps,
        )

    def _steps(self, path: Path, alert: AlertSnapshot, person: str) -> Iterator[Gate]:
        """Whom each step reaches now, or what of it reaches nobody; with a person only what concerns them."""
        own = self.ways(alert, person) if person else None
        for number, step in enumerate(path.steps):
            named = f"step {number + 1}" if number < len(path.plan.steps) else "last resort"
            reached = [contact for contact in step.reached if own is None or contact.to in own]
            for contact in reached:
                hops = contact.hops or contact.to.removeprefix("endpoint/")
                yield Gate(named, True, ExplainCode.REACHED, hops, group=path.group)
                hold = self._politeness.hold(contact.to, alert, self.now)
                if hold is not None:
                    yield Gate(named, False, hold.code, hold.reason, hold.document, hold.until, path.group)
            for missed in step.unreached:
                yield Gate(named, False, missed.code, missed.reason, missed.target, group=path.group)
            if own is not None and not reached:
                others = ", ".join(contact.hops or contact.to for contact in step.reached) or "nobody"
                words = f"it does not lead to {person} now, but to {others}"
                yield Gate(named, False, ExplainCode.NOT_MEANT, words, group=path.group)

    def ways(self, alert: AlertSnapshot, person: str) -> set[str]:
        """The recipients that a person has for alerts of this severity."""
        for team in owners(alert.team):
            if self.ctx.document(PersonDocument, team, person) is not None:
                target = f"user/{team}/{person}"
                return {
                    contact.to for contact in audience(self.ctx, [target], alert.severity, self.now).reached
                }
        return set()

    def knows(self, alert: AlertSnapshot, person: str) -> bool:
        """Whether there is such a person, for the alert's team."""
        return any(self.ctx.document(PersonDocument, team, person) is not None for team in owners(alert.team))

    def reaches(self, targets: Sequence[str], alert: AlertSnapshot, at: int) -> Audience:
        """Whom targets, `kind/owner/name`, reach at an instant, ms UTC."""
        whole = [target for target in targets if target.count("/") == 2 and not target.startswith("person/")]
        return audience(self.ctx, whole, alert.severity, at)


def _facts(alert: AlertSnapshot, rule: Rule | None) -> Facts:
    """What respond knows of the alert, as far as routes depend on it."""
    return Facts(
        fingerprint=alert.fingerprint, rule_id=alert.rule_id, rule=alert.rule, gateway=alert.gateway,
        labels=alert.labels, message=alert.message, value=alert.value, runbook=alert.runbook, unknown=alert.unknown,
        data_quality=alert.data_quality, delayed=alert.delayed, since=alert.triggered_at, anomaly=None,
        team=alert.team, why_team=alert.why_team, routing=tuple(rule.routing.notify) if rule else (),
        escalation_policy=(rule.escalation_policy or "") if rule else "", rule_team=rule.team if rule else PLATFORM,
        moved_to="", shadow=bool(rule and rule.shadow), rule_type=alert.rule_type,
    )  # fmt: skip


def _of_alert(alert: AlertSnapshot, rule: Rule | None) -> Iterator[Gate]:
    """Its rule, its own state, and what suppresses it."""
    if rule is None:
        yield Gate(
            "rule", True, ExplainCode.RULE_GONE, f"rule {alert.rule} is built in, or does not exist any more"
        )
    else:
        named = f"rule/{rule.team}/{rule.name}"
        shadow = rule.shadow
        words = "is in shadow: it is recorded, and nobody is told" if shadow else "tells people"
        code = ExplainCode.SHADOW if shadow else ExplainCode.RULE_TELLS
        yield Gate("rule", not shadow, code, f"rule {rule.name} of {rule.team} {words}", named)
    yield _state(alert)
    yield _suppression(alert)


def _state(alert: AlertSnapshot) -> Gate:
    if alert.status is AlertStatus.RESOLVED:
        by = f" by {alert.resolved_by}" if alert.resolved_by else ""
        return Gate("state", False, ExplainCode.OVER, f"it is over{by} since {spell(alert.resolved_at or 0)}")
    if alert.status is AlertStatus.ACKNOWLEDGED:
        words = f"{alert.acknowledged_by} has it since {spell(alert.acknowledged_at or 0)}: steps stand still"
        return Gate("state", False, ExplainCode.ACKNOWLEDGED, words, until=alert.acknowledged_until)
    return Gate(
        "state", True, ExplainCode.FIRING, f"it fires since {spell(alert.triggered_at)}, and nobody has it"
    )


def _suppression(alert: AlertSnapshot) -> Gate:
    held = alert.suppression
    if held is None:
        return Gate("suppression", True, ExplainCode.NOT_SUPPRESSED, "nothing keeps it quiet")
    of_document = held.kind in (SuppressionReason.SILENCE, SuppressionReason.MAINTENANCE)
    return Gate("suppression", False, held.kind, held.reason, held.by if of_document else "", held.until)


def _of_routes(paths: Sequence[Path]) -> Iterator[Gate]:
    for path in paths:
        policy = f"policy/{path.plan.policy}" if path.plan.policy else ""
        yield Gate("route", True, ExplainCode.ROUTED, path.plan.why, policy, group=path.group)
        for warning in path.plan.warnings:
            yield Gate("route", False, SilentReason.TARGET_GONE, warning, group=path.group)
    if not paths:
        yield Gate("route", False, ExplainCode.SHADOW, "no route: nobody is told")
