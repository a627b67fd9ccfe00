"""`/rules`: every rule with its state: what it watches, whether it fires, when its metrics were seen last."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from aiokafka.errors import KafkaError
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from api.dependencies import Dependencies, Deps, Who
from api.documents.summary import summary
from api.pages.surface.layout import render
from api.pages.surface.open_alerts import open_by
from api.queries import documents as reading
from api.queries.page import SEVERITIES
from api.routes import coverage
from streams.access import Permission, readable_teams, require
from streams.documents.rule import Rule
from streams.messages.command import Principal

router = APIRouter(prefix="/rules", include_in_schema=False)
SHOWN = 300  # rules of one page
Metrics = list[dict[str, Any]]


class RuleFilters(BaseModel):
    """Which rules. `seen`: whether to ask the broker what they see, which takes a moment."""

    model_config = ConfigDict(extra="forbid", str_max_length=200)
    q: str = ""
    team: str = ""
    state: str = ""
    seen: bool = False


class RuleLine(NamedTuple):
    """One rule of the list. `metrics` None: what it sees is not known."""

    rule: Rule
    summary: str
    firing: dict[str, int]
    metrics: Metrics | None
    updated_at: int

    @property
    def blind(self) -> list[str]:
        """Why it sees nothing, metric by metric; what is not to be there yet does not count."""
        return [
            metric["why"] for metric in self.metrics or () if not metric["last_seen"] and not metric["waits"]
        ]

    @property
    def last_seen(self) -> str | None:
        """When the newest of its metrics was seen."""
        return max(
            (metric["last_seen"] for metric in self.metrics or () if metric["last_seen"]), default=None
        )

    def holds(self, state: str) -> bool:
        """Whether it is in the state that is asked for."""
        match state:
            case "firing":
                return bool(self.firing)
            case "blind":
                return bool(self.blind)
            case "shadow":
                return self.rule.shadow
            case "disabled":
                return not self.rule.enabled
        return True


@router.get("")
async def listed(request: Request, deps: Deps, who: Who, asked: Annotated[RuleFilters, Query()]) -> Response:
    """The rules that you may see; with `seen` also what they see."""
    if asked.team:
        require(who, Permission.READ, asked.team)
    wanted = asked.seen or asked.state == "blind"
    seen, trouble = await metrics_of(deps, who) if wanted else (None, "")
    groups = await open_by(deps, who, "rule_id", "severity")
    teams = readable_teams(who)
    lines = await deps.database.read(lambda c: _lines(reading.all_of(c, "rule", teams), groups, seen, asked))
    return render(
        request, "rules.html", lines=lines[:SHOWN], count=len(lines), asked=asked, trouble=trouble,
        waits=not wanted, query=asked.model_dump(exclude_defaults=True),
    )  # fmt: skip


async def metrics_of(deps: Dependencies, who: Principal) -> tuple[dict[str, Metrics] | None, str]:
    """What each rule sees, by its id; None with the reason while the broker cannot be asked."""
    try:
        known = await coverage.listed(deps, who)
    except (KafkaError, OSError) as why:
        return None, f"What rules see is not known now: the broker cannot be asked ({type(why).__name__})."
    return {rule["id"]: rule["metrics"] for rule in known["rules"]}, ""


def _lines(
    rows: list[reading.DocumentRow],
    groups: list[dict[str, Any]],
    seen: dict[str, Metrics] | None,
    asked: RuleFilters,
) -> list[RuleLine]:
    """The rules that are asked for; beside the event loop, since there may be thousands. `groups`: what is open."""
    firing: dict[str, dict[str, int]] = {}
    for group in sorted(groups, key=lambda group: SEVERITIES.index(group["severity"])):
        firing.setdefault(group["rule_id"], {})[group["severity"]] = group["alerts"]
    lines = (
        RuleLine(
            rule, summary(rule), firing.get(row.id, {}), None if seen is None else seen.get(row.id), row.at
        )
        for row in rows
        for rule in reading.readable([row])
        if isinstance(rule, Rule)
    )
    return [line for line in lines if _asked_for(line, asked)]


def _asked_for(line: RuleLine, asked: RuleFilters) -> bool:
    rule = line.rule
    text = f"{rule.name} {rule.team} {rule.description} {line.summary}".lower()
    named = all(word in text for word in asked.q.lower().split())
    return named and asked.team in ("", rule.team) and line.holds(asked.state)
