"""What routes are to an alert: their keys, the groups that they make, and plans of whom they tell."""

from __future__ import annotations

from itertools import accumulate
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from streams.documents.document import PLATFORM
from streams.messages.envelope import Severity

DEMONSTRATION = "demonstration"  # a team whose alerts reach its own documents and nobody else's
LOG_NAME = "log"
LOG = f"endpoint/{PLATFORM}/{LOG_NAME}"  # where everything goes that nobody is configured to hear
LARGEST, LAST = 12_000, 20  # a plan's bytes of targets, and last resorts
WHY = 1_000  # characters
GROUP_WAIT = 30_000  # ms on the active clock in which a group that is not critical gathers
GROUP_INTERVAL = 300_000  # between a notification and one about later joiners
REPEAT_INTERVAL = 14_400_000  # between repeats once all steps are through; info never repeats


class RouteKey(msgspec.Struct, frozen=True, array_like=True):
    """Which route: a document, the rule's own policy or routing, or the default where nothing else says anything.

    `name` of a default: the severity, where the policy of that severity is meant.
    """

    kind: Literal["route", "policy", "routing", "default"]
    owner: str = ""
    name: str = ""


class PlanStep(msgspec.Struct, frozen=True, array_like=True):
    """One step: `after`, ms after the delivery of the step before it, these targets, `kind/owner/name`.

    `severity`, `at`: for what and in which hours it counts, always where they are empty.
    """

    after: int
    to: tuple[str, ...]
    severity: tuple[Severity, ...] = ()
    at: tuple[str, ...] = ()


def delay_after(steps: tuple[PlanStep, ...], step: int, least: int) -> int:
    """How long the step after this one waits, ms; `least`: for the first one of the next round."""
    return steps[(step + 1) % len(steps)].after or least


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


class RouteMatch(NamedTuple):
    """A route that an alert takes, what tells its groups apart, and what was wrong with others on the way."""

    route: RouteKey
    labels: dict[str, str]
    warnings: tuple[str, ...] = ()


def owners(team: str) -> tuple[str, ...]:
    """Whose documents count for a team: its own first, then the platform's."""
    return (team,) if team in (DEMONSTRATION, PLATFORM) else (team, PLATFORM)


def lookup_order(owner: str, team: str) -> tuple[str, ...]:
    """In whose documents the endpoints of a document are looked up: its owner's, then the alert's team's."""
    return owners(team) if owner == PLATFORM else tuple(dict.fromkeys([owner, *owners(team)]))


def bounded(plan: EscalationPlan, warnings: list[str]) -> EscalationPlan:
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
