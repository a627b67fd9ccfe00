"""The labels of an alert in, out who would hear of it and when: the machines as in production, and nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from streams.documents.conditions.threshold import SEVERITIES
from streams.documents.document import PLATFORM, Owned, derived
from streams.documents.rule import Rule
from streams.errors import Refused
from streams.messages.verdict import Verdict, Verdicts
from streams.topics import INBOX

LONGEST = 24 * 3_600_000  # ms that a trial of routes looks ahead
OWN = frozenset({"rule", "team", "severity"})  # labels that are fields of a verdict
UNTOLD = frozenset({"warning", "not sent", "unreached"})  # lines that say why others are not told


class RouteTrial(NamedTuple):
    """`groups`: that the alert joins, one for each route; `told`: who hears of it if nobody acknowledges, by time.

    `untold`: why others are not: what does not exist, a step that does not count, nobody on call.
    """

    groups: tuple[str, ...]
    told: tuple[RouteCall, ...]
    untold: tuple[RouteCall, ...] = ()


class RouteCall(NamedTuple):
    """One notification. `after`: ms from the alert on; `group`: for which of its groups."""

    after: int
    to: str
    what: str
    group: str
    reason_code: str
    reason: str


def try_routes(documents: Sequence[Owned], labels: Mapping[str, str], start: int, length: int) -> RouteTrial:
    """What follows from an alert with these labels that fires at `start`, ms UTC, for `length` ms."""
    from tables.world import World  # late: the command line starts sooner without the machines

    if not 0 < length <= LONGEST:
        raise Refused("`for`: routes are looked at for at most 24h")
    team = labels.get("team", PLATFORM)
    verdict = _verdict(documents, labels, team, start)
    world = World(documents, start=start)
    verdicts = Verdicts(id="trial", at=start, team=team, why_team="its labels say so", verdicts=[verdict])
    world.tell(start, INBOX, team, verdicts)
    timeline = world.run([], start + length)
    groups: Sequence[str] = next((entry["groups"] for entry in timeline if entry.get("groups")), [])
    told = (_told(entry, start) for entry in timeline if _first(entry))
    untold = (_told(entry, start) for entry in timeline if _untold(entry))
    return RouteTrial(tuple(groups), tuple(told), tuple(untold))


def _verdict(documents: Sequence[Owned], labels: Mapping[str, str], team: str, at: int) -> Verdict:
    """The alert as detect would say it; where its rule is among the documents, with what that says of routes."""
    severity = labels.get("severity", "warning")
    if severity not in SEVERITIES:
        raise Refused(f"`severity` is one of {', '.join(SEVERITIES)}, not {severity!r:.40}")
    name, gateway = labels.get("rule", "trial"), labels.get("gateway", "trial")
    rule = _rule(documents, name, team)
    owner = rule.team if rule else team
    return Verdict(
        fingerprint=f"{gateway}|{name}|trial", sequence=1, state="firing", severity=severity,
        rule_id=rule.id if rule else str(derived(team, "rule", name)), rule=name, gateway=gateway,
        labels={label: text for label, text in labels.items() if label not in OWN} | {"gateway": gateway},
        at=at, since=at, value=None, message=f"{name} on {gateway}", reason="a trial of routes", rule_team=owner,
        routing=tuple(rule.routing.notify) if rule else (), rule_type=rule.rule_type if rule else "",
        escalation_policy=(rule.escalation_policy or "") if rule else "",
    )  # fmt: skip


def _rule(documents: Sequence[Owned], name: str, team: str) -> Rule | None:
    """The rule of this name: the team's own, else any other that is known."""
    named = [known for known in documents if isinstance(known, Rule) and known.name == name]
    return next((rule for rule in named if rule.team == team), named[0] if named else None)


def _first(entry: Mapping[str, Any]) -> bool:
    return bool(entry["subject"] == "call" and entry["number"] == 1)


def _untold(entry: Mapping[str, Any]) -> bool:
    return bool(entry["subject"] == "notification" and entry["what"] in UNTOLD)


def _told(entry: Mapping[str, Any], start: int) -> RouteCall:
    fields = (entry.get(name) or "" for name in ("to", "what", "group", "reason_code", "reason"))
    return RouteCall(entry["at"] - start, *fields)
