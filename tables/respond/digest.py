"""What happened and ended while we were away: one notification a route of its own share, instead of a page for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from streams.documents.document import Owned, derived
from streams.documents.oncall.override import OnCallOverride
from streams.documents.oncall.person import PersonDocument
from streams.messages.alert import AlertExcerpt
from streams.messages.envelope import Severity
from tables.kernel.clock import Moment
from tables.respond.alert.excerpt import excerpt
from tables.respond.alert.lifecycle import RANK
from tables.respond.alert.state import Alert
from tables.respond.escalation.next_step import everybody
from tables.respond.oncall.audience import Audiences, Reached, audiences
from tables.respond.oncall.directory import Directory
from tables.respond.route.state import EscalationPlan, Routed

GATHER = 5_000  # ms on the active clock
EXCERPTS = 20
D = TypeVar("D", bound=Owned)


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a route's digest. `severity`: the highest of its alerts; `due_at`: ms on the active clock."""

    routed: Routed
    count: int
    severity: Severity
    excerpts: tuple[AlertExcerpt, ...]
    due_at: int


def digest_owner(routed: Routed) -> str:
    """Whose row it is: the team's, and what derives from the route, or from the targets that a rule itself names."""
    route = routed.route
    return f"{routed.team}/{derived('digest', route.kind, route.owner, route.name, *routed.routing)}"


def add(digest: Digest | None, alert: Alert, routed: Routed, moment: Moment) -> Digest:
    """The digest of a route with one more alert that nobody needs to be woken for."""
    short, severity = excerpt(alert), alert.severity
    if digest is None:
        due_at = moment.active + GATHER
        return Digest(routed=routed, count=1, severity=severity, excerpts=(short,), due_at=due_at)
    return replace(
        digest, count=digest.count + 1, severity=max(digest.severity, severity, key=RANK.__getitem__),
        excerpts=(*digest.excerpts, short)[:EXCERPTS],
    )  # fmt: skip


def deadline(digest: Digest) -> int | None:
    """When it is sent, ms on the active clock."""
    return digest.due_at


class QuietDirectory:
    """People as a digest reaches them: by their ways for what is only information, where they have any."""

    def __init__(self, directory: Directory) -> None:
        """`directory`: where their documents are."""
        self._directory = directory

    def document(self, kind: type[D], owner: str, name: str) -> D | None:
        """The document of a kind that a team has under a name."""
        document = self._directory.document(kind, owner, name)
        if isinstance(document, PersonDocument) and (ways := document.ways("info")):
            return document.model_copy(
                update={"contact": [way.model_copy(update={"when": []}) for way in ways]}
            )
        return document

    def overrides(self, team: str) -> Iterable[OnCallOverride]:
        """A team's exceptions to its schedules."""
        return self._directory.overrides(team)


def readers(directory: Directory, digest: Digest, plan: EscalationPlan, now: int) -> tuple[Reached, ...]:
    """Who reads a digest: whom its route would have told first of alerts as bad as these.

    Where nobody can be reached, those who are responsible for that.
    """
    reached = audiences(QuietDirectory(directory), plan, digest.severity, now)
    if plan.override_critical and digest.severity == "critical" and (all_steps := everybody(reached)):
        return all_steps
    steps = (*reached.steps, reached.last_resort)
    return next((step.reached for step in steps if step.reached), _responsible(reached))


def _responsible(reached: Audiences) -> tuple[Reached, ...]:
    steps = (*reached.steps, reached.last_resort)
    people = (person for step in steps for target in step.unreached for person in target.responsible)
    return tuple({person.to: person for person in people}.values())
