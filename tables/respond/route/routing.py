"""Which routes an alert takes, and whom each of them tells: the alert and documents in, route matches and plans out.

A route is its rule's own policy or targets, a document that matches its labels, or the default. Each route that an
alert takes groups what takes it, and runs an escalation of its own by a plan: its policy or target as a frozen list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from streams.documents.document import PLATFORM, derived_text
from streams.documents.endpoint import Endpoint
from streams.documents.policy import Policy
from streams.documents.route import DEEPEST, Question, Route, matching
from streams.messages.envelope import Severity
from tables.respond.alert.state import Facts, about, matchable
from tables.respond.context import Context
from tables.respond.oncall.directory import target_key
from tables.respond.route.state import (
    DEMONSTRATION,
    LOG,
    LOG_NAME,
    EscalationPlan,
    PlanStep,
    Routed,
    RouteKey,
    RouteMatch,
    bounded,
    lookup_order,
    owners,
)

GROUP_BY = ("rule", "gateway")
DEFAULT = "default"  # the policy, and the endpoint, of what no route takes
WARNINGS = 20  # of one plan


class _Source(NamedTuple):
    """Where the steps come from. `teams`: in whose documents endpoints are looked up."""

    steps: tuple[PlanStep, ...]
    repeat: int
    last_resort: str | None
    why: str
    teams: tuple[str, ...]
    policy: Policy | None = None


def find_routes(
    ctx: Context, facts: Facts, severity: Severity, at: int | None = None
) -> dict[str, RouteMatch]:
    """The routes of an alert, by the keys of the groups that it joins, in the order of the routes.

    `at`: when it fires, ms UTC, now where nothing is said. There are none where its rule is in shadow.
    """
    if facts.shadow:
        return {}
    warnings: list[str] = []
    chosen = _of_rule(ctx, facts, warnings) or _of_documents(ctx, facts, severity, warnings, at)
    if not chosen:
        chosen = [(default_route(ctx, facts.team, severity), GROUP_BY)]
    matches: dict[str, RouteMatch] = {}
    known = about(facts, severity)
    for route, group_by in chosen:
        labels = {name: known.get(name) or facts.labels.get(name, "") for name in group_by}
        flaws = () if matches else tuple(warnings)  # once: the first route tells what was wrong on the way
        matches[group_key(facts, route, labels)] = RouteMatch(route, labels, flaws)
    return matches


def group_key(facts: Facts, route: RouteKey, labels: dict[str, str]) -> str:
    """The key of a group: its team, and what derives from its route and from the labels that tell groups apart."""
    apart = [facts.rule_id if name == "rule" else value for name, value in sorted(labels.items())]
    id = derived_text("group", route.kind, route.owner, route.name, *sorted(labels), *apart)
    return f"{facts.team}/{id}"


def policy_of(ctx: Context, teams: Sequence[str], name: str) -> Policy | None:
    """The policy of a name, of the first team that has one."""
    policies = (ctx.document(Policy, owner, name) for owner in teams)
    return next((policy for policy in policies if policy is not None), None)


def default_route(ctx: Context, team: str, severity: Severity) -> RouteKey:
    """Where an alert goes that no route takes: it is named by severity where only a default policy of that is there."""
    for owner in owners(team):
        if policy_of(ctx, (owner,), DEFAULT) is not None or has_endpoint(ctx, owner, DEFAULT):
            break
        if policy_of(ctx, (owner,), f"{DEFAULT}-{severity}") is not None:
            return RouteKey("default", owner, severity)
    return RouteKey("default")


def has_endpoint(ctx: Context, owner: str, name: str) -> bool:
    """Whether a team has an endpoint of a name."""
    return ctx.document(Endpoint, owner, name) is not None


def _of_rule(ctx: Context, facts: Facts, warnings: list[str]) -> list[tuple[RouteKey, Sequence[str]]]:
    """What the rule itself says; the demonstration's alerts go nowhere but to its own documents."""
    rule_team = facts.rule_team or PLATFORM
    if facts.team == DEMONSTRATION:
        return []
    if name := facts.escalation_policy:
        if policy := policy_of(ctx, lookup_order(rule_team, facts.team), name):
            return [(RouteKey("policy", policy.team, policy.name), GROUP_BY)]
        warnings.append(f"rule {facts.rule} names policy {name}, which does not exist")
    return [(RouteKey("routing", rule_team), GROUP_BY)] if facts.routing else []


def _of_documents(
    ctx: Context, facts: Facts, severity: Severity, warnings: list[str], at: int | None
) -> list[tuple[RouteKey, Sequence[str]]]:
    """The first route that matches, and the next ones for as long as each says to continue."""
    labels = matchable(facts, severity)
    teams = owners(facts.team)

    def usable(route: Route) -> bool:
        kind, _, name = (route.to or "").partition("/")
        missing = kind == "policy" and policy_of(ctx, teams, name) is None
        if missing:
            warnings.append(f"route {route.name} names policy {name}, which does not exist")
        return not missing

    known = [route for owner in teams for route in ctx.routes(owner)]
    chosen = matching(known, Question(labels, ctx.moment.now if at is None else at, usable))
    return [(RouteKey("route", route.team, route.name), route.group_by or GROUP_BY) for route in chosen]


def whole_route(ctx: Context, owner: str, name: str) -> Route | None:
    """A route with what it inherits; None where it, or one that it is within, does not exist."""
    route, depth = ctx.document(Route, owner, name), 0
    above = route
    while route is not None and above is not None and above.within and depth < DEEPEST:
        above, depth = ctx.document(Route, owner, above.within), depth + 1
        if above is None:
            return None
        route = route.inheriting(above)
    return route


def resolve_plan(ctx: Context, routed: Routed) -> EscalationPlan:
    """The plan of a route as documents are now; what does not resolve falls back visibly, with a warning."""
    if (known := ctx.plans.get(routed)) is None:
        known = ctx.plans[routed] = _resolved(ctx, routed)
    return known


def _resolved(ctx: Context, routed: Routed) -> EscalationPlan:
    warnings = list(routed.warnings)
    source = _source(ctx, routed, warnings) or _default(ctx, routed.team)
    steps = tuple(replace(step, to=_targets(ctx, source.teams, step.to, warnings)) for step in source.steps)
    last = _targets(ctx, source.teams, [source.last_resort], warnings) if source.last_resort else ()
    plan = EscalationPlan(steps=steps, repeat=source.repeat, last_resort=last, why=source.why)
    if (policy := source.policy) is not None:
        plan = replace(
            plan, policy=f"{policy.team}/{policy.name}", acknowledgements=policy.acknowledgements,
            override_critical=policy.override_critical,
        )  # fmt: skip
    plan = _timed(ctx, routed.route, bounded(plan, warnings))
    more = (f"and {len(warnings) - WARNINGS} warnings more",) if len(warnings) > WARNINGS else ()
    return replace(plan, warnings=(*warnings[:WARNINGS], *more))


def _source(ctx: Context, routed: Routed, warnings: list[str]) -> _Source | None:
    route, team = routed.route, routed.team
    if route.kind == "policy" and (policy := policy_of(ctx, (route.owner,), route.name)):
        return _of_policy(
            policy, f"policy {policy.name} of rule {routed.rule}", lookup_order(policy.team, team)
        )
    if route.kind == "routing":
        return _single(routed.routing, f"routing of rule {routed.rule}", lookup_order(route.owner, team))
    document = whole_route(ctx, route.owner, route.name) if route.kind == "route" else None
    if document is not None:
        return _of_route(ctx, document, team, warnings)
    if route.kind == "default" and route.name:
        policy = policy_of(ctx, (route.owner,), f"{DEFAULT}-{route.name}")
        why = f"default policy of {route.owner} for {route.name}"
        return _of_policy(policy, why, lookup_order(route.owner, team)) if policy else None
    if route.kind != "default":
        warnings.append(f"{route.kind} {route.name} of {route.owner} does not exist any more")
    return None


def _of_route(ctx: Context, route: Route, team: str, warnings: list[str]) -> _Source | None:
    to, why = route.to or f"endpoint/{LOG_NAME}", f"route {route.name} of {route.team}"
    kind, _, name = to.partition("/")
    if kind != "policy":
        return _single((to,), why, lookup_order(route.team, team))
    policy = policy_of(ctx, owners(team), name)
    if policy is None:
        warnings.append(f"route {route.name} names policy {name}, which does not exist")
        return None
    return _of_policy(policy, f"{why} to policy {name}", lookup_order(policy.team, team))


def _default(ctx: Context, team: str) -> _Source:
    for owner in owners(team):
        if policy := policy_of(ctx, (owner,), DEFAULT):
            return _of_policy(policy, f"default policy of {owner}", lookup_order(owner, team))
        if has_endpoint(ctx, owner, DEFAULT):
            return _single((f"endpoint/{DEFAULT}",), f"default endpoint of {owner}", (owner,))
    why = "nothing is configured: no route, default policy or default endpoint; written to the log"
    return _single((f"endpoint/{LOG_NAME}",), why, owners(team))


def _of_policy(policy: Policy, why: str, teams: tuple[str, ...]) -> _Source:
    steps = tuple(
        PlanStep(step.after, tuple(step.notify), tuple(step.severity), tuple(step.at))
        for step in policy.steps
    )
    return _Source(steps, policy.repeat, policy.last_resort, why, teams, policy)


def _single(targets: tuple[str, ...], why: str, teams: tuple[str, ...]) -> _Source:
    return _Source((PlanStep(0, targets),), 1, None, why, teams)


def _timed(ctx: Context, key: RouteKey, plan: EscalationPlan) -> EscalationPlan:
    """The plan with the waits that its route says."""
    route = whole_route(ctx, key.owner, key.name) if key.kind == "route" else None
    if route is None:
        return plan
    return replace(
        plan,
        group_wait=plan.group_wait if route.group_wait is None else route.group_wait,
        group_interval=plan.group_interval if route.group_interval is None else route.group_interval,
        repeat_interval=plan.repeat_interval if route.repeat_interval is None else route.repeat_interval,
    )


def _targets(
    ctx: Context, teams: Sequence[str], names: Sequence[str], warnings: list[str]
) -> tuple[str, ...]:
    """Each target with the team that has it, `kind/owner/name`; the log stands in for what does not exist."""
    targets: list[str] = []
    for target in names:
        key = target_key(ctx, teams, target)
        if key is None:
            warnings.append(f"{target.replace('/', ' ')} does not exist: the log is told instead")
        targets.append(key or LOG)
    return tuple(dict.fromkeys(targets))
