"""Documents and an instant in, warnings out: when within days somebody would be told of nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

from api.documents.reference import DocumentKey, key
from streams.calendar.zone import zone
from streams.documents.document import Owned
from streams.documents.endpoint import Endpoint
from streams.documents.oncall.override import OnCallOverride
from streams.documents.oncall.person import PersonDocument
from streams.documents.oncall.schedule import OnCallSchedule, spelled
from streams.documents.policy import Policy, Step
from streams.documents.route import Route
from streams.matcher import matchers
from streams.messages.envelope import Severity
from tables.respond.oncall.audience import audience
from tables.respond.oncall.critical_path import PathStep, dead_ends, path_of
from tables.respond.oncall.directory import target_key
from tables.respond.oncall.path_watch import spoken
from tables.respond.route.state import owners

D = TypeVar("D", bound=Owned)
DAY, HOUR = 86_400_000, 3_600_000
AHEAD = 14 * DAY  # how far gaps are looked for
TONIGHT = 24  # hours for which steps are walked
CRITICAL: Severity = "critical"


class Documents:
    """Where a forecast looks documents up."""

    def __init__(self, documents: Iterable[Owned]) -> None:
        """All that there will be."""
        self._known = {key(document): document for document in documents}

    def document(self, kind: type[D], owner: str, name: str) -> D | None:
        """The document of a kind that a team has under a name."""
        document = self._known.get((kind.type, owner, name))
        return document if isinstance(document, kind) else None

    def overrides(self, team: str) -> list[OnCallOverride]:
        """A team's exceptions to its schedules, in the order of their names."""
        known = (document for _, document in sorted(self._known.items()))
        return [each for each in known if isinstance(each, OnCallOverride) and each.team == team]


class Warned(NamedTuple):
    """What may be wrong with a document, and with which field."""

    key: DocumentKey
    path: str
    says: str


def warnings(wanted: Iterable[Owned], documents: Documents, now: int) -> list[Warned]:
    """What may be wrong with documents from an instant on, ms UTC."""
    return [
        Warned(key(document), path, says)
        for document in wanted
        for path, says in _of(document, documents, now)
    ]


def _of(document: Owned, documents: Documents, now: int) -> Iterator[tuple[str, str]]:
    match document:
        case OnCallSchedule():
            yield from _gaps(document, documents, now)
        case Route():
            yield from _route_ends(document, documents, now)
        case Policy():
            yield from _dead_ends("steps", document.team, path_of(document), documents, now)
            for place, step in enumerate(document.steps):
                yield from _unreached(document, place, step, documents, now)
        case PersonDocument():
            yield from _unreachable(document, documents)
        case _:
            pass


def _gaps(schedule: OnCallSchedule, documents: Documents, now: int) -> Iterator[tuple[str, str]]:
    gaps = schedule.gaps(now, now + AHEAD, documents.overrides(schedule.team))
    if gaps:
        first, more = gaps[0], len(gaps) - 1
        begins, ends = (spelled(at, schedule.zone) for at in (first.begins, first.ends))
        others = f", and in {more} more spans of the next 14 days" if more else ""
        yield (
            "layers",
            f"nobody is on call from {begins} to {ends}{others}: a step that asks for it then goes on",
        )


def _dead_ends(
    path: str, team: str, steps: tuple[PathStep, ...], documents: Documents, now: int
) -> Iterator[tuple[str, str]]:
    """Where something critical ends without anybody, within 14 days."""
    if ends := dead_ends(documents, team, steps, now, now + AHEAD):
        yield path, f"{spoken(ends)}: {ends[0].why}"


def _route_ends(route: Route, documents: Documents, now: int) -> Iterator[tuple[str, str]]:
    """The same of a route that leads to a person, a team or a schedule itself, and may match what is critical."""
    kind = (route.to or "").partition("/")[0]
    severities = (matcher for matcher in matchers(route.when) if matcher.label == "severity")
    if kind in ("user", "team", "schedule") and all(
        severity.matches({"severity": CRITICAL}) for severity in severities
    ):
        yield from _dead_ends("to", route.team, (PathStep((str(route.to),)),), documents, now)


def _unreached(
    policy: Policy, place: int, step: Step, documents: Documents, now: int
) -> Iterator[tuple[str, str]]:
    """The first hour until tomorrow at which a step reaches nobody."""
    severity = step.severity[0] if step.severity else CRITICAL
    keys = [target_key(documents, owners(policy.team), target) for target in step.notify]
    if any(target is None for target in keys):
        return  # a reference that does not exist is no warning: it ends the plan
    targets = [target for target in keys if target is not None]
    for hour in range(TONIGHT):
        at = now + hour * HOUR
        audience_ = audience(documents, targets, severity, at)
        if not audience_.reached:
            why = "; ".join(dict.fromkeys(unreached.reason for unreached in audience_.unreached))
            yield f"steps.{place}", f"reaches nobody at {spelled(at, zone('UTC'))} UTC: {why}"
            return


def _unreachable(person: PersonDocument, documents: Documents) -> Iterator[tuple[str, str]]:
    if not person.ways(CRITICAL):
        how = f"`tocsin people confirm {person.name} METHOD` sends a code"
        says = f"no confirmed way counts for critical: {how}; or say `confirmed: yes` where one is known to reach them"
        yield "contact", says
    for place, contact in enumerate(person.contact):
        endpoint = next(
            (
                sender
                for team in owners(person.team)
                if (sender := documents.document(Endpoint, team, contact.sender))
            ),
            None,
        )
        if endpoint is not None and contact.channel and endpoint.channel != contact.channel:
            says = f"endpoint {contact.sender} sends by {endpoint.channel}, not by {contact.channel}: it reaches nobody"
            yield f"contact.{place}", says
