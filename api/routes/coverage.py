"""`GET /v1/coverage`: what each rule sees, or why it is blind; when each gateway was heard, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from api.coverage.coverage import MetricCoverage, Origin, Seen
from api.coverage.readable import Views
from api.coverage.rule_members import RuleMember, RuleMembers
from api.dependencies import Deps, Who
from api.instant import spell
from api.queries import documents as reading
from sources.bridge import frames, gateway_health, remedy
from sources.bridge.event_origin import missing_event
from streams.access import Permission, may, readable_teams
from streams.documents.document import PLATFORM
from streams.documents.rule import Rule

router = APIRouter(prefix="/v1/coverage", tags=["rules"])


@router.get("")
async def listed(deps: Deps, who: Who) -> dict[str, Any]:
    """Every rule that you may see, with its metrics; `last_seen` null where it is blind, and `why` and `fix` say it.

    A composite rule reads what the rules read that it names; `members` are those, with `why` where one is not in force.
    """
    seen, unlisted = await deps.telemetry.seen(), deps.telemetry.unlisted()
    deps.measures.unlisted.clear()
    for origin, count in unlisted.items():
        deps.measures.unlisted.labels(*origin).set(count)
    teams = readable_teams(who)
    named = (
        None if teams is None else sorted({*teams, PLATFORM})
    )  # a composite may name a rule of the platform
    rows = await deps.database.read(lambda c: reading.all_of(c, "rule", named))
    everything = may(who, Permission.READ_TELEMETRY, PLATFORM) is None
    views = Views(seen, deps.telemetry.owners(), everything)
    covered = await run_in_threadpool(_covered, rows, views, seen, teams)
    return covered | {"unlisted": _by_gateway(unlisted) if teams is None else {}}


def _covered(
    rows: list[reading.DocumentRow], views: Views, seen: Seen, teams: list[str] | None
) -> dict[str, Any]:
    """All of it; beside the event loop, since there may be thousands of rules and series. `teams` None: of all."""
    everything = teams is None
    newest = _newest(seen) if everything else {}
    rules = [cast(Rule, rule) for rule in reading.readable(rows)]
    members = RuleMembers(rules)
    return {
        "rules": [
            _shown(rule, members.of(rule), views, everything)
            for rule in rules
            if teams is None or rule.team in teams
        ],
        "metrics": views.metrics([PLATFORM] if teams is None else teams),
        "gateways": _heard(newest),
        "troubles": _troubles(seen, newest),
    }


def _newest(seen: Seen) -> dict[Origin, int]:
    """When each source was heard last, ms."""
    newest: dict[Origin, int] = {}
    for times in seen.values():
        for origin, at in times.items():
            newest[origin] = max(at, newest.get(origin, 0))
    return newest


def _heard(newest: dict[Origin, int]) -> dict[str, dict[str, str | None]]:
    """Gateway → source → when it was last heard."""
    heard: dict[str, dict[str, str | None]] = {}
    for origin, at in newest.items():
        heard.setdefault(origin.gateway, {})[origin.source] = spell(at)
    return heard


def _by_gateway(unlisted: Mapping[Origin, int]) -> dict[str, dict[str, int]]:
    """Gateway → source → how many of its newest batches name a list of series that was not told before."""
    counts: dict[str, dict[str, int]] = {}
    for origin, count in sorted(unlisted.items()):
        counts.setdefault(origin.gateway, {})[origin.source] = count
    return counts


def _troubles(seen: Seen, newest: dict[Origin, int]) -> dict[str, list[dict[str, Any]]]:
    """Gateway → what is wrong with it, by the newest frame of its health; older ones say what is over."""
    healths = [origin for origin in newest if origin.source == frames.HEALTH]
    told = {text: times for text, times in seen.items() if text.startswith(gateway_health.SERIES)}
    troubles = {
        health.gateway: gateway_health.read(
            text for text, times in told.items() if times.get(health) == newest[health]
        )
        for health in healths
    }
    return {gateway: [trouble._asdict() for trouble in wrong] for gateway, wrong in troubles.items() if wrong}


def _shown(rule: Rule, members: list[RuleMember], views: Views, everything: bool) -> dict[str, Any]:
    """What the rule and those that it names see; names of gateways and values of labels only for who may see them."""
    judging = [member.rule for member in members if member.rule is not None] or [rule]
    metrics = [
        _metric(metric, everything) for judge in judging for metric in views.coverage(judge, rule.team)
    ]
    events = list(dict.fromkeys(type_ for judge in judging for type_ in judge.condition.event or ()))
    about = {"id": rule.id, "team": rule.team, "name": rule.name, "enabled": rule.enabled}
    return about | {
        "metrics": [metric for n, metric in enumerate(metrics) if metric not in metrics[:n]],
        "events": events,
        "events_fix": missing_event(events),
        "members": [{"name": member.name, "why": member.why} for member in members],
    }


def _metric(metric: MetricCoverage, everything: bool) -> dict[str, Any]:
    """One metric as it is answered."""
    return {
        "metric": metric.metric,
        "last_seen": spell(metric.at),
        "source": metric.origins[0].source if metric.origins else remedy.source(metric.metric),
        "gateways": sorted({origin.gateway for origin in metric.origins}) if everything else [],
        "near": metric.near,
        "why": metric.why,
        "waits": metric.waits,
        "fix": remedy.missing_metric(metric.metric) if metric.at is None and not metric.origins else "",
    }
