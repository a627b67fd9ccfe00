"""Who is told: from a rule's own words, its policy, the routes and the defaults, to a frozen list of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.document import PLATFORM
from streams.matcher import matchers
from streams.policy import Policy, Route

if TYPE_CHECKING:
    from tables.respond.machine import Respond

DEMONSTRATION = "demonstration"  # a team whose alerts reach its own endpoints and nobody else's
LOG = f"endpoint/{PLATFORM}/log"  # where everything goes that nobody is configured to hear
Snapshot = dict[str, Any]


def snapshot(machine: Respond, group: dict[str, Any], severity: str) -> Snapshot:
    """The steps for a group that opens now: {steps: [[after ms, [targets]]], rounds, last_resort, why, warnings}."""
    warnings: list[str] = []
    policy, why = _choose(machine, group, severity, warnings)
    teams = _teams(group)
    steps = [[step.after, _targets(machine, teams, list(step.notify), warnings)] for step in policy.steps]
    last = _targets(machine, teams, [policy.last_resort], warnings) if policy.last_resort else []
    return {"steps": steps, "rounds": policy.rounds, "last_resort": last, "why": why, "warnings": warnings}


def owners(team: str) -> tuple[str, ...]:
    """Whose documents count for a team: its own first, then the platform's."""
    return (team,) if team in (DEMONSTRATION, PLATFORM) else (team, PLATFORM)


def _teams(group: dict[str, Any]) -> tuple[str, ...]:
    """In whose documents a rule's own words are looked up: its team's, then the alert's, then the platform's."""
    if group["team"] == DEMONSTRATION:
        return (DEMONSTRATION,)
    return tuple(dict.fromkeys([group.get("rule_team") or PLATFORM, *owners(group["team"])]))


def _choose(
    machine: Respond, group: dict[str, Any], severity: str, warnings: list[str]
) -> tuple[Policy, str]:
    team, own = group["team"], group["team"] != DEMONSTRATION
    if own and group["policy"]:
        if found := _policy(machine, _teams(group), group["policy"]):
            return found, f"policy {found.name} of rule {group['rule']}"
        warnings.append(f"rule {group['rule']} names policy {group['policy']}, which does not exist")
    if own and group["routing"]:
        return _single(group["routing"]), f"routing of rule {group['rule']}"
    return _routed(machine, group, severity, warnings) or _default(machine, team)


def _routed(
    machine: Respond, group: dict[str, Any], severity: str, warnings: list[str]
) -> tuple[Policy, str] | None:
    team = group["team"]
    about = {"severity": severity, "team": team, "rule": group["rule"], "gateway": group["gateway"]}
    labels = group["labels"] | about
    found: list[tuple[Policy, str]] = []
    for route in (route for owner in owners(team) for route in _routes(machine, owner)):
        if all(matcher.matches(labels) for matcher in matchers(route.when)):
            if one := _taken(machine, team, route, warnings):
                found.append(one)
            if one and not route.continue_:
                break
    return _merged(found) if found else None


def _taken(machine: Respond, team: str, route: Route, warnings: list[str]) -> tuple[Policy, str] | None:
    kind, name = route.to.split("/")
    if kind == "endpoint":
        return _single([route.to]), f"route {route.name} of {route.team}"
    if found := _policy(machine, owners(team), name):
        return found, f"route {route.name} of {route.team} to policy {name}"
    warnings.append(f"route {route.name} names policy {name}, which does not exist")
    return None


def _merged(found: list[tuple[Policy, str]]) -> tuple[Policy, str]:
    """One policy that tells everybody whom the routes name, step by step."""
    if len(found) == 1:
        return found[0]
    policies, rows = [policy for policy, _ in found], range(max(len(policy.steps) for policy, _ in found))
    at = [[policy.steps[n] for policy in policies if n < len(policy.steps)] for n in rows]
    steps = [
        {"after": max(step.after for step in some), "notify": list(dict.fromkeys(t for step in some for t in step.notify))}
        for some in at
    ]
    last = next((policy.last_resort for policy in policies if policy.last_resort), None)
    rounds = max(policy.rounds for policy in policies)
    merged = {"name": "merged", "steps": steps, "rounds": rounds, "last_resort": last}
    return Policy.model_validate(merged), " and ".join(why for _, why in found)


def _default(machine: Respond, team: str) -> tuple[Policy, str]:
    for owner in owners(team):
        if found := machine.documents.get(f"1/{owner}/policy/default"):
            assert isinstance(found, Policy)
            return found, f"default policy of {owner}"
        if f"1/{owner}/endpoint/default" in machine.documents:
            return _single(["endpoint/default"]), f"default endpoint of {owner}"
    why = "nothing is configured: no route, default policy or default endpoint; written to the log"
    return _single(["endpoint/log"]), why


def _single(targets: list[str]) -> Policy:
    return Policy.model_validate({"name": "direct", "steps": [{"notify": targets}], "rounds": 1})


def _policy(machine: Respond, teams: tuple[str, ...], name: str) -> Policy | None:
    for owner in teams:
        found = machine.documents.get(f"1/{owner}/policy/{name}")
        if isinstance(found, Policy):
            return found
    return None


def _routes(machine: Respond, owner: str) -> list[Route]:
    routes = (route for route in machine.of("route") if isinstance(route, Route) and route.team == owner)
    return sorted(routes, key=lambda route: (route.order, route.name))


def _targets(
    machine: Respond, teams: tuple[str, ...], names: list[str], warnings: list[str]
) -> list[str]:
    found: list[str] = []
    for name in names:
        short = name.removeprefix("endpoint/")
        owner = next((o for o in teams if f"1/{o}/endpoint/{short}" in machine.documents), None)
        if owner is None and short != "log":
            warnings.append(f"endpoint {short} does not exist: the log is told instead")
        found.append(LOG if owner is None else f"endpoint/{owner}/{short}")
    return list(dict.fromkeys(found))
