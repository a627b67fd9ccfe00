"""What documents refer to: others by name, in the own team first, then in the platform's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from streams.documents.document import PLATFORM, Owned
from streams.documents.oncall.feed import CalendarFeed
from streams.documents.oncall.override import OnCallOverride
from streams.documents.oncall.person import PersonDocument
from streams.documents.oncall.schedule import OnCallSchedule
from streams.documents.oncall.target import document_kind
from streams.documents.oncall.team import TeamDocument
from streams.documents.policy import Policy
from streams.documents.recorded import flaws
from streams.documents.report import ScheduledReport
from streams.documents.route import Route
from streams.documents.rule import Rule
from streams.text.nearest import nearest

DocumentKey = tuple[str, str, str]  # kind, team, name
DEMONSTRATION = "demonstration"
OF_OWN_TEAM = {("route", "within"), ("schedule", "schedule")}  # kinds, and the fields that mention them
BUILT_IN = ("endpoint", "log")  # the log is always there


class Reference(NamedTuple):
    """One mention of another document. `path`: the field that holds it."""

    path: str
    kind: str
    name: str


def key(document: Owned) -> DocumentKey:
    """What names a document among all."""
    return document.type, document.team, document.name


def references(document: Owned) -> list[Reference]:
    """All that the document mentions, in the order of its fields."""
    match document:
        case Rule():
            references_ = [
                _target(f"routing.notify.{n}", target) for n, target in enumerate(document.routing.notify)
            ]
            if policy := document.escalation_policy:
                references_.append(Reference("escalation_policy", "policy", policy))
            members = document.members() if document.condition.composite else ()
            return [*references_, *(Reference("composite", "rule", name) for name in members)]
        case Policy():
            steps = (
                (f"steps.{n}.notify.{k}", target)
                for n, s in enumerate(document.steps)
                for k, target in enumerate(s.notify)
            )
            last = [("last_resort", document.last_resort)] if document.last_resort else []
            return [_target(path, target) for path, target in (*steps, *last)]
        case Route():
            above = [Reference("within", "route", document.within)] if document.within else []
            return [*above, *([_target("to", document.to)] if document.to else [])]
        case ScheduledReport():
            return [_target(f"to.{n}", target) for n, target in enumerate(document.to)]
    return _of_people(document)


def _of_people(document: Owned) -> list[Reference]:
    """What people, teams and schedules mention."""
    match document:
        case PersonDocument():
            return [
                Reference(
                    f"contact.{n}.{'endpoint' if contact.endpoint else 'channel'}", "endpoint", contact.sender
                )
                for n, contact in enumerate(document.contact)
            ]
        case TeamDocument():
            fields = (("members", document.members), ("leads", document.leads))
            return [
                Reference(f"{field}.{n}", "person", name)
                for field, names in fields
                for n, name in enumerate(names)
            ]
        case OnCallSchedule():
            owner = [_target(f"owner.{n}", target) for n, target in enumerate(document.owner)]
            return [*(Reference(path, "person", name) for path, name in document.people()), *owner]
        case CalendarFeed():
            return [_target("shows", document.shows)]
        case OnCallOverride():
            people = (Reference(path, "person", name) for path, name in document.people())
            return [Reference("schedule", "schedule", document.schedule), *people]
    return []


def _target(path: str, text: str) -> Reference:
    return Reference(path, document_kind(text), text.partition("/")[2])


def resolve(reference: Reference, team: str, documents: Collection[DocumentKey]) -> DocumentKey | None:
    """The document that is meant, or None."""
    for owner in _places(reference, team):
        if (reference.kind, owner, reference.name) in documents:
            return reference.kind, owner, reference.name
    return ("endpoint", PLATFORM, "log") if reference[1:] == BUILT_IN else None


def _places(reference: Reference, team: str) -> tuple[str, ...]:
    """Whose documents may be meant: a team may own the document about itself; some mean one of their own team only."""
    if (reference.kind, reference.path) in OF_OWN_TEAM:
        return (team,)
    return (*owners(team), reference.name) if reference.kind == "team" else owners(team)


def owners(team: str) -> tuple[str, ...]:
    """Whose documents count for a team; the demonstration reaches nobody else's, whatever is configured."""
    return (team,) if team in (DEMONSTRATION, PLATFORM) else (team, PLATFORM)


def dangling(document: Owned, documents: Collection[DocumentKey]) -> list[tuple[str, str]]:
    """Mentions of what does not exist: the field's path and the sentence, with the nearest name that does."""
    missing = (
        reference
        for reference in references(document)
        if resolve(reference, document.team, documents) is None
    )
    return [(reference.path, _missing(reference, document.team, documents)) for reference in missing]


def _missing(reference: Reference, team: str, documents: Collection[DocumentKey]) -> str:
    places = _places(reference, team)
    names = [name for kind, owner, name in documents if kind == reference.kind and owner in places]
    near = nearest(reference.name, names)
    known = ", ".join(sorted(names)[:8]) or "none"
    hint = f"did you mean `{near[0]}`?" if near else f"there are: {known}"
    return f"there is no {reference.kind} `{reference.name}` of {' or '.join(places)}; {hint}"


def ambiguous(document: Owned, documents: Collection[DocumentKey]) -> list[tuple[str, str]]:
    """Mentions of a person's name that two people have: the field's path and the sentence."""
    flaws: list[tuple[str, str]] = []
    for reference in references(document):
        having = [team for team in owners(document.team) if ("person", team, reference.name) in documents]
        if reference.kind == "person" and len(having) > 1:
            words = f"two people are called `{reference.name}`, of {' and of '.join(having)}: give one another name"
            flaws.append((reference.path, words))
    return flaws


def circle(document: Owned, documents: Mapping[DocumentKey, Owned | None]) -> list[tuple[str, str]]:
    """Why a route is within itself, round by others; empty where it is not."""
    above: Owned | None = document
    names = [document.name]
    while isinstance(above, Route) and above.within:
        if above.within in names:
            way = " → ".join([*names, above.within])
            return [("within", f"goes round in a circle ({way}): let one of them be within none")]
        names.append(above.within)
        above = documents.get(("route", document.team, above.within))
    return []


def kind_beside(document: Owned) -> str:
    """The kind of those documents that one has to be held against: a route's above it, a rule's of which it is made."""
    if isinstance(document, Route) and document.within:
        return "route"
    if not isinstance(document, Rule):
        return ""
    return "rule" if document.condition.composite is not None or document.condition.record is not None else ""


def nested(document: Owned, documents: Mapping[DocumentKey, Owned | None]) -> list[tuple[str, str]]:
    """Why a composite rule cannot be made of its rules: one is composite itself, or is made of this one."""
    if not isinstance(document, Rule) or document.condition.composite is None:
        return []
    says: list[tuple[str, str]] = []
    documents = {**documents, key(document): document}
    for reference in references(document):
        rule_key = resolve(reference, document.team, documents.keys()) if reference.kind == "rule" else None
        member = documents.get(rule_key) if rule_key else None
        if isinstance(member, Rule) and member.condition.composite is not None:
            terms = (
                "itself"
                if member is document
                else f"composite too: write `({member.condition.composite})` here"
            )
            says.append(("composite", f"`{member.name}` is {terms}"))
    for other in documents.values():
        if isinstance(other, Rule) and other.id != document.id and document.name in other.members():
            named = resolve(Reference("composite", "rule", document.name), other.team, documents.keys())
            if named == key(document):
                says.append(
                    ("composite", f"rule {other.name} is made of this one, which may not be composite then")
                )
    return says


def recorded(document: Owned, documents: Mapping[DocumentKey, Owned | None]) -> list[tuple[str, str]]:
    """Why a rule may not record what it says it does: it would read it itself, or another one records it."""
    if not isinstance(document, Rule) or not document.enabled:
        return []
    others = (rule for rule in documents.values() if isinstance(rule, Rule) and rule.enabled)
    return flaws(document, others)


def users(target: DocumentKey, documents: Iterable[Owned], all_: Collection[DocumentKey]) -> list[str]:
    """Who mentions the document, in words: `policy payments`, `route all`."""
    return [
        f"{document.type} {document.name}"
        for document in documents
        if any(resolve(reference, document.team, all_) == target for reference in references(document))
    ]
