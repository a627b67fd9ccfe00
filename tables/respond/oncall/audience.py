"""Who a step reaches now: its targets and the documents in, recipients and those whom nobody can reach out.

Pure: a schedule's shift, a team's members and a person's contacts are looked up when the step fires, never before.
Each hop on the way stands in the recipient's reason: "schedule payments → Ben → endpoint ben-phone".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from streams.calendar.hours import read_zoned_hours
from streams.codes import SilentReason
from streams.documents.document import PLATFORM
from streams.documents.endpoint import Endpoint
from streams.documents.oncall.person import Contact, PersonDocument
from streams.documents.oncall.schedule import OnCallSchedule
from streams.documents.oncall.team import TeamDocument
from streams.messages.envelope import Severity
from tables.respond.oncall.directory import Directory
from tables.respond.route.state import LOG, EscalationPlan, PlanStep, owners

MOST = 100  # recipients of one step


class Reached(NamedTuple):
    """One recipient, and how the target led there; "" where it is the target itself."""

    to: str
    hops: str = ""


class Unreached(NamedTuple):
    """A target that reaches nobody now, why, and who has to hear of that."""

    target: str
    code: SilentReason
    reason: str
    responsible: tuple[Reached, ...] = ()


class Audience(NamedTuple):
    """Whom one step reaches now, and what of it reaches nobody."""

    reached: tuple[Reached, ...] = ()
    unreached: tuple[Unreached, ...] = ()


class Audiences(NamedTuple):
    """Whom each step of a plan reaches now, and its last resort."""

    steps: tuple[Audience, ...]
    last_resort: Audience


def audiences(directory: Directory, plan: EscalationPlan, severity: Severity, now: int) -> Audiences:
    """Whom a plan reaches at an instant, ms UTC; where it overrides, no step waits for its hour."""
    override = plan.override_critical and severity == "critical"
    steps = (_step(directory, step, severity, now, override) for step in plan.steps)
    return Audiences(tuple(steps), audience(directory, plan.last_resort, severity, now))


def _step(directory: Directory, step: PlanStep, severity: Severity, now: int, override: bool) -> Audience:
    skipped = ""
    if step.severity and severity not in step.severity:
        skipped = f"it is for {', '.join(step.severity)}, and this is {severity}"
    elif step.at and not override and not any(read_zoned_hours(text).includes(now) for text in step.at):
        skipped = f"it counts {' or '.join(step.at)}, which it is not"
    if skipped:
        return Audience(unreached=(Unreached("", SilentReason.STEP_NOT_NOW, skipped),))
    return audience(directory, step.to, severity, now)


def audience(directory: Directory, targets: Sequence[str], severity: Severity, now: int) -> Audience:
    """Whom targets, `kind/owner/name`, reach at an instant, each recipient once."""
    reached: dict[str, Reached] = {}
    unreached: list[Unreached] = []
    for target in targets:
        for person in _of_target(directory, target, severity, now):
            if isinstance(person, Unreached):
                unreached.append(person)
            else:
                reached.setdefault(person.to, person)
    if len(reached) > MOST:
        words = f"{len(reached) - MOST} recipients more are not told: a step tells {MOST} at most"
        unreached.append(Unreached("", SilentReason.NO_ROOM, words))
    return Audience(tuple(reached.values())[:MOST], tuple(unreached))


def _of_target(
    directory: Directory, target: str, severity: Severity, now: int
) -> Iterator[Reached | Unreached]:
    kind, owner, name = target.split("/", 2)
    match kind:
        case "user":
            yield from _person(directory, target, (owner,), name, severity, "")
        case "team":
            yield from _team(directory, target, severity)
        case "schedule":
            yield from _schedule(directory, target, severity, now)
        case _:
            yield Reached(target)


def _schedule(
    directory: Directory, target: str, severity: Severity, now: int
) -> Iterator[Reached | Unreached]:
    _, owner, name = target.split("/", 2)
    schedule = directory.document(OnCallSchedule, owner, name)
    if schedule is None:
        yield _gone(directory, target, f"schedule {name} of {owner} does not exist any more")
        return
    shift = schedule.on_call(now, directory.overrides(owner))
    responsible_people = responsible(directory, schedule.team, schedule.owner, severity)
    if not shift.person:
        yield Unreached(
            target, SilentReason.NOBODY_ON_CALL, f"nobody is on call in schedule {name}", responsible_people
        )
        return
    by = " by override" if shift.override else ""
    for reached in _person(
        directory, target, owners(owner), shift.person, severity, f"schedule {name}{by} → "
    ):
        if isinstance(reached, Unreached) and reached.responsible:
            yield reached._replace(responsible=responsible_people)
        else:
            yield reached


def _team(directory: Directory, target: str, severity: Severity) -> Iterator[Reached | Unreached]:
    _, owner, name = target.split("/", 2)
    team = directory.document(TeamDocument, owner, name)
    if team is None:
        yield _gone(directory, target, f"team {name} of {owner} does not exist any more")
        return
    members = [
        reached
        for person in team.members
        for reached in _person(directory, target, owners(owner), person, severity, f"team {name} → ")
    ]
    if any(isinstance(reached, Reached) for reached in members):
        yield from (reached for reached in members if isinstance(reached, Reached) or not reached.responsible)
        return
    answerable = _leads(directory, team, severity) or responsible(directory, owner, (), severity)
    words = f"none of the {len(team.members)} members of team {name} can be reached"
    yield Unreached(target, SilentReason.NO_CONTACT, words, answerable)
    yield from (reached for reached in members if isinstance(reached, Unreached) and not reached.responsible)


def _person(
    directory: Directory, target: str, teams: Sequence[str], name: str, severity: Severity, before: str
) -> Iterator[Reached | Unreached]:
    """The ways to a person of one of these teams. `before`: the hops that led there."""
    people = (directory.document(PersonDocument, owner, name) for owner in teams)
    person = next((person for person in people if person is not None), None)
    if person is None:
        yield _gone(directory, target, f"{before}{name}: there is no such person in {' or '.join(teams)}")
        return
    ways = [way for contact in person.ways(severity) if (way := _way(directory, person, contact, before))]
    yield from ways
    if not ways:
        words = f"{before}{person.called} has no confirmed way to be reached for {severity}"
        yield Unreached(
            target, SilentReason.NO_CONTACT, words, responsible(directory, teams[0], (), severity, person)
        )
    for contact in person.unconfirmed(severity):
        words = f"{before}{person.called} → {contact.named}: not confirmed"
        how = f"`tocsin people confirm {person.name} {contact.method}` sends a code"
        yield Unreached(target, SilentReason.NOT_CONFIRMED, f"{words} ({how})")


def _way(directory: Directory, person: PersonDocument, contact: Contact, before: str) -> Reached | None:
    """The recipient of a contact; None where the endpoint that it needs does not exist, or is of another channel."""
    for owner in owners(person.team):
        endpoint = directory.document(Endpoint, owner, contact.sender)
        if endpoint is None:
            continue
        hops = f"{before}{person.called} → {contact.named}"
        if contact.channel is None:
            return Reached(f"endpoint/{owner}/{contact.sender}", hops)
        to = f"person/{person.team}/{person.name}/{contact.channel}"
        return Reached(to, hops) if endpoint.channel == contact.channel else None
    return None


def responsible(
    directory: Directory,
    owner: str,
    named: Sequence[str],
    severity: Severity,
    but: PersonDocument | None = None,
) -> tuple[Reached, ...]:
    """Who hears where nobody can be told: whom a document names, the team's leads, a default endpoint, the log.

    `but`: the person who cannot be reached, and so is not asked.
    """
    for target in named:
        kind, _, name = target.partition("/")
        people = [
            reached
            for team in (*owners(owner), *([name] if kind == "team" else ()))
            for reached in _owner(directory, kind, team, name, severity)
        ]
        if people:
            return tuple(people)
    for team in owners(owner):
        document = directory.document(TeamDocument, team, owner)
        if document is not None and (leads := _leads(directory, document, severity, but)):
            return leads
    defaults = (team for team in owners(owner) if directory.document(Endpoint, team, "default") is not None)
    return (Reached(next((f"endpoint/{team}/default" for team in defaults), LOG)),)


def _owner(directory: Directory, kind: str, team: str, name: str, severity: Severity) -> Iterator[Reached]:
    """The ways to whom a schedule names as its owner."""
    if kind == "endpoint" and directory.document(Endpoint, team, name) is not None:
        yield Reached(f"endpoint/{team}/{name}")
    if kind == "user" and (person := directory.document(PersonDocument, team, name)) is not None:
        ways = (_way(directory, person, contact, "") for contact in person.ways(severity))
        yield from (way for way in ways if way is not None)
    if kind == "team" and (document := directory.document(TeamDocument, team, name)) is not None:
        yield from _leads(directory, document, severity)


def _leads(
    directory: Directory, team: TeamDocument, severity: Severity, but: PersonDocument | None = None
) -> tuple[Reached, ...]:
    leads: list[Reached] = []
    for lead in team.leads:
        people = (directory.document(PersonDocument, owner, lead) for owner in owners(team.team))
        person = next((person for person in people if person is not None), None)
        if person is not None and person != but:
            ways = (
                _way(directory, person, contact, f"lead of team {team.name}: ")
                for contact in person.ways(severity)
            )
            leads += [way for way in ways if way is not None]
    return tuple(leads)


def _gone(directory: Directory, target: str, reason: str) -> Unreached:
    owner = target.split("/", 2)[1]
    return Unreached(
        target, SilentReason.TARGET_GONE, reason, responsible(directory, owner or PLATFORM, (), "critical")
    )
