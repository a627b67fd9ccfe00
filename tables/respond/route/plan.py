"""Whom a route tells, step by step: from its policy or its one target to a frozen list of targets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from streams.documents.document import PLATFORM, Owned
from streams.documents.endpoint import Endpoint
from streams.documents.oncall.person import PersonDocument
from streams.documents.oncall.schedule import OnCallSchedule
from streams.documents.oncall.team import TeamDocument
from streams.documents.policy import Policy
from streams.documents.route import Route
from streams.messages.envelope import Severity
from tables.respond.context import Context
from tables.respond.oncall.directory import Directory
from tables.respond.route.match import DEFAULT, RouteKey, has_endpoint, lookup_order, owners, policy_of
from tables.respond.route.nesting import whole_route

LOG_NAME = "log"
LOG = f"endpoint/{PLATFORM}/{LOG_NAME}"  # where everything goes that nobody is configured to hear
TARGETS: dict[str, type[Owned]] = {
    "endpoint": Endpoint, "user": PersonDocument, "team": TeamDocument, "schedule": OnCallSchedule,
}  # fmt: skip
LARGEST, LAST = 12_000, 20  # a plan's bytes of targets, and last resorts
WHY, WARNINGS = 1_000, 20  # characters, and how many
GROUP_WAIT = (
    30_000  # ms on the active clock before a group that is not critical is told of, so that it gathers
)
GROUP_INTERVAL = 300_000  # between a notification and one about later joiners
REPEAT_INTERVAL = 14_400_000  # between repeats once all steps are through; info never repeats


class PlanStep(msgspec.Struct, frozen=True, array_like=True):
    """One step: `after`, ms after the delivery of the step before it, these targets, `kind/owner/name`.

    `severity`, `at`: for what and in which hours it counts, always where they are empty.
    """

    after: int
    to: tuple[str, ...]
    severity: tuple[Severity, ...] = ()
    at: tuple[str, ...] = ()


class EscalationPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an escalation tells, as it stood when it began. Lengths: ms on the active clock.

    Who a person, team or schedule reaches is found when a step fires. `policy`: `owner/name`, "" where there is none.
    """

    steps: tuple[PlanStep, ...]
    repeat: int  # rounds of all steps
    last_resort: tuple[str, ...]
    why: str
    warnings: tuple[str, ...] = ()
    group_wait: int = GROUP_WAIT
    group_interval: int = GROUP_INTERVAL
    repeat_interval: int = REPEAT_INTERVAL
    policy: str = ""
    acknowledgements: int = 1  # how many people have to acknowledge before it stops
    override_critical: bool = False


class Routed(NamedTuple):
    """What a plan is made for: a route that alerts of a rule take, and what was wrong with others on the way."""

    team: str
    rule: str
    route: RouteKey
    routing: tuple[str, ...]
    warnings: tuple[str, ...] = ()


class _Source(NamedTuple):
    """Where the steps come from. `teams`: in whose documents endpoints are looked up."""

    steps: tuple[PlanStep, ...]
    repeat: int
    last_resort: str | None
    why: str
    teams: tuple[str, ...]
    policy: Policy | None = None


def resolve_plan(ctx: Context, routed: Routed) -> EscalationPlan:
    """The plan of a route as documents are now; what does not resolve falls back visibly, with a warning."""
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
    plan = _timed(ctx, routed.route, _bounded(plan, warnings))
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
            return _single(("endpoint/default",), f"default endpoint of {owner}", (owner,))
    why = "nothing is configured: no route, default policy or default endpoint; written to the log"
    return _single(("endpoint/log",), why, owners(team))


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


def _bounded(plan: EscalationPlan, warnings: list[str]) -> EscalationPlan:
    """The plan as a row can hold it: targets beyond that are left out, the latest steps first."""
    last = plan.last_resort[:LAST]
    room = LARGEST - sum(map(len, last))
    left, steps = len(plan.last_resort) - len(last), list[PlanStep]()
    for step in plan.steps:
        sizes = accumulate(map(len, step.to))
        fits = tuple(to for to, used in zip(step.to, sizes, strict=True) if used <= room)
        left, room = left + len(step.to) - len(fits), room - sum(map(len, fits))
        if fits:
            steps.append(replace(step, to=fits))
    if left:
        warnings.insert(0, f"{left} targets are not told: all steps together name more than {LARGEST} bytes")
    return replace(plan, steps=tuple(steps), last_resort=last, why=plan.why[:WHY])


def _targets(
    ctx: Context, teams: Sequence[str], names: Sequence[str], warnings: list[str]
) -> tuple[str, ...]:
    """Each target with the team that has it, `kind/owner/name`; the log stands in for what does not exist."""
    found: list[str] = []
    for target in names:
        key = target_key(ctx, teams, target)
        if key is None:
            warnings.append(f"{target.replace('/', ' ')} does not exist: the log is told instead")
        found.append(key or LOG)
    return tuple(dict.fromkeys(found))


def target_key(directory: Directory, teams: Sequence[str], target: str) -> str | None:
    """A target with the first of these teams that has it, `kind/owner/name`; the log is always there."""
    kind, _, name = target.partition("/")
    places = (*teams, name) if kind == "team" else teams
    holders = (owner for owner in places if directory.document(TARGETS[kind], owner, name) is not None)
    if (owner := next(holders, None)) is not None:
        return f"{kind}/{owner}/{name}"
    return LOG if (kind, name) == ("endpoint", LOG_NAME) else None
