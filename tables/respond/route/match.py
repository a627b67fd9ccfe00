"""Which routes an alert takes: its rule's own words, the routes that match its labels, or the default.

Each route that it takes groups what takes it, and runs an escalation of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from streams.documents.document import PLATFORM, derived
from streams.documents.endpoint import Endpoint
from streams.documents.policy import Policy
from streams.documents.route import Route
from streams.messages.envelope import Severity
from tables.respond.alert.state import Facts, about, matchable
from tables.respond.context import Context
from tables.respond.route.nesting import Question, matching

DEMONSTRATION = "demonstration"  # a team whose alerts reach its own documents and nobody else's
GROUP_BY = ("rule", "gateway")
DEFAULT = "default"  # the policy, and the endpoint, of what no route takes


class RouteKey(msgspec.Struct, frozen=True):
    """Which route: a document, the rule's own policy or routing, or the default where nothing else says anything.

    `name` of a default: the severity, where the policy of that severity is meant.
    """

    kind: Literal["route", "policy", "routing", "default"]
    owner: str = ""
    name: str = ""


class RouteMatch(NamedTuple):
    """A route that an alert takes, what tells its groups apart, and what was wrong with others on the way."""

    route: RouteKey
    labels: dict[str, str]
    warnings: tuple[str, ...] = ()


def match_routes(
    ctx: Context, facts: Facts, severity: Severity, at: int | None = None
) -> dict[str, RouteMatch]:
    """The routes of an alert, by the keys of the groups that it joins, in the order of the routes.

    `at`: when it fires, ms UTC, now where nothing is said. None where its rule is in shadow: nobody is to be told.
    """
    if facts.shadow:
        return {}
    warnings: list[str] = []
    chosen = _of_rule(ctx, facts, warnings) or _of_documents(ctx, facts, severity, warnings, at)
    if not chosen:
        chosen = [(default_route(ctx, facts.team, severity), GROUP_BY)]
    found: dict[str, RouteMatch] = {}
    for route, group_by in chosen:
        labels = {name: _label(facts, severity, name) for name in group_by}
        told = () if found else tuple(warnings)  # once: the first route tells what was wrong on the way
        found[group_key(facts, route, labels)] = RouteMatch(route, labels, told)
    return found


def group_key(facts: Facts, route: RouteKey, labels: dict[str, str]) -> str:
    """The key of a group: its team, and what derives from its route and from the labels that tell groups apart."""
    apart = [facts.rule_id if name == "rule" else value for name, value in sorted(labels.items())]
    id = derived("group", route.kind, route.owner, route.name, *sorted(labels), *apart)
    return f"{facts.team}/{id}"


def owners(team: str) -> tuple[str, ...]:
    """Whose documents count for a team: its own first, then the platform's."""
    return (team,) if team in (DEMONSTRATION, PLATFORM) else (team, PLATFORM)


def lookup_order(owner: str, team: str) -> tuple[str, ...]:
    """In whose documents the endpoints of a document are looked up: its owner's, then the alert's team's."""
    return owners(team) if owner == PLATFORM else tuple(dict.fromkeys([owner, *owners(team)]))


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


def _label(facts: Facts, severity: Severity, name: str) -> str:
    return about(facts, severity).get(name) or facts.labels.get(name, "")
