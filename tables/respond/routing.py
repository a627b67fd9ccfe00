"""Who is told: from a rule's own words, its policy, the routes and the defaults, to a frozen list of steps."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from streams.documents.document import PLATFORM
from streams.documents.policy import Policy, Route
from streams.matcher import matchers

if TYPE_CHECKING:
    from tables.respond.machine import Respond

DEMONSTRATION = "demonstration"  # a team whose alerts reach its own endpoints and nobody else's
LOG = f"endpoint/{PLATFORM}/log"  # where everything goes that nobody is configured to hear
# a plan's bytes of targets, last resorts, characters, warnings
LARGEST, LAST, WHY, WARNINGS = 12_000, 20, 1_000, 20
Snapshot = dict[str, Any]


def snapshot(machine: Respond, group: dict[str, Any], severity: str) -> Snapshot:
    """The steps for a group that opens now: {steps: [[after ms, [targets]]], rounds, last_resort, why, warnings}."""
    warnings: list[str] = []
    found = _named(machine, group, warnings) or _routed(machine, group, severity, warnings)
    plan = _bounded(_merged(found or [_default(machine, group["team"], warnings)]), warnings)
    more = [f"and {len(warnings) - WARNINGS} warnings more"] if len(warnings) > WARNINGS else []
    return plan | {"warnings": warnings[:WARNINGS] + more}


def _bounded(plan: Snapshot, warnings: list[str]) -> Snapshot:
    """The plan as a row can hold it: targets beyond that are left out, the latest steps first."""
    last = plan["last_resort"][:LAST]
    room = LARGEST - sum(map(len, last))
    left, steps = len(plan["last_resort"]) - len(last), list[list[Any]]()
    for after, targets in plan["steps"]:
        fits = [to for to, used in zip(targets, accumulate(map(len, targets)), strict=True) if used <= room]
        left, room = left + len(targets) - len(fits), room - sum(map(len, fits))
        if fits:
            steps.append([after, fits])
    if left:
        warnings.insert(0, f"{left} targets are not told: all steps together name more than {LARGEST} bytes")
    return plan | {"steps": steps, "last_resort": last, "why": plan["why"][:WHY]}


def owners(team: str) -> tuple[str, ...]:
    """Whose documents count for a team: its own first, then the platform's."""
    return (team,) if team in (DEMONSTRATION, PLATFORM) else (team, PLATFORM)


def _among(owner: str, team: str) -> tuple[str, ...]:
    """In whose documents the endpoints of a document are looked up: its owner's, then the alert's team's."""
    return owners(team) if owner == PLATFORM else tuple(dict.fromkeys([owner, *owners(team)]))


def _named(machine: Respond, group: dict[str, Any], warnings: list[str]) -> list[Snapshot]:
    """What the rule itself says; the demonstration's alerts go nowhere but to its own documents."""
    team, rule_team = group["team"], group.get("rule_team") or PLATFORM
    if team == DEMONSTRATION:
        return []
    if group["policy"]:
        if found := _policy(machine, _among(rule_team, team), group["policy"]):
            why = f"policy {found.name} of rule {group['rule']}"
            return [_resolved(machine, found, why, _among(found.team, team), warnings)]
        warnings.append(f"rule {group['rule']} names policy {group['policy']}, which does not exist")
    if group["routing"]:
        why = f"routing of rule {group['rule']}"
        return [_resolved(machine, _single(group["routing"]), why, _among(rule_team, team), warnings)]
    return []


def _routed(machine: Respond, group: dict[str, Any], severity: str, warnings: list[str]) -> list[Snapshot]:
    """The first route that matches, and the next ones for as long as each says to continue."""
    team, found = group["team"], list[Snapshot]()
    about = {"severity": severity, "team": team, "rule": group["rule"], "gateway": group["gateway"]}
    labels = group["labels"] | about
    for route in (route for owner in owners(team) for route in _routes(machine, owner)):
        if not all(matcher.matches(labels) for matcher in matchers(route.when)):
            continue
        kind, name = route.to.split("/")
        policy = _single([route.to]) if kind == "endpoint" else _policy(machine, owners(team), name)
        if policy is None:
            warnings.append(f"route {route.name} names policy {name}, which does not exist")
            continue
        why = f"route {route.name} of {route.team}" + (f" to policy {name}" if kind == "policy" else "")
        owner = route.team if kind == "endpoint" else policy.team
        found.append(_resolved(machine, policy, why, _among(owner, team), warnings))
        if not route.continue_:
            break
    return found


def _default(machine: Respond, team: str, warnings: list[str]) -> Snapshot:
    for owner in owners(team):
        if found := _policy(machine, (owner,), "default"):
            return _resolved(machine, found, f"default policy of {owner}", _among(owner, team), warnings)
        if f"1/{owner}/endpoint/default" in machine.documents:
            policy = _single(["endpoint/default"])
            return _resolved(machine, policy, f"default endpoint of {owner}", (owner,), warnings)
    why = "nothing is configured: no route, default policy or default endpoint; written to the log"
    return _resolved(machine, _single(["endpoint/log"]), why, owners(team), warnings)


def _single(targets: list[str]) -> Policy:
    return Policy.model_validate({"name": "direct", "steps": [{"notify": targets}], "rounds": 1})


def _resolved(
    machine: Respond, policy: Policy, why: str, teams: tuple[str, ...], warnings: list[str]
) -> Snapshot:
    steps = [[step.after, _targets(machine, teams, list(step.notify), warnings)] for step in policy.steps]
    last = _targets(machine, teams, [policy.last_resort], warnings) if policy.last_resort else []
    return {"steps": steps, "rounds": policy.rounds, "last_resort": last, "why": why}


def _merged(found: list[Snapshot]) -> Snapshot:
    """One snapshot that tells everybody whom the routes name, step by step."""
    longest = max(len(one["steps"]) for one in found)
    steps: list[list[Any]] = []
    for n in range(longest):
        some = [one["steps"][n] for one in found if n < len(one["steps"])]
        targets = dict.fromkeys(target for _, targets in some for target in targets)
        steps.append([max(after for after, _ in some), list(targets)])
    return {
        "steps": steps,
        "rounds": max(one["rounds"] for one in found),
        "last_resort": list(dict.fromkeys(target for one in found for target in one["last_resort"])),
        "why": " and ".join(one["why"] for one in found),
    }


def _policy(machine: Respond, teams: tuple[str, ...], name: str) -> Policy | None:
    for owner in teams:
        found = machine.documents.get(f"1/{owner}/policy/{name}")
        if isinstance(found, Policy):
            return found
    return None


def _routes(machine: Respond, owner: str) -> list[Route]:
    routes = (route for route in machine.of("route") if isinstance(route, Route) and route.team == owner)
    return sorted(routes, key=lambda route: (route.order, route.name))


def _targets(machine: Respond, teams: tuple[str, ...], names: list[str], warnings: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        short = name.removeprefix("endpoint/")
        owner = next((o for o in teams if f"1/{o}/endpoint/{short}" in machine.documents), None)
        if owner is None and short != "log":
            warnings.append(f"endpoint {short} does not exist: the log is told instead")
        found.append(LOG if owner is None else f"endpoint/{owner}/{short}")
    return list(dict.fromkeys(found))
