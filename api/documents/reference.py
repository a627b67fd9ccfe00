"""What documents refer to: endpoints and policies by name, in the own team first, then in the platform's."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from streams.documents.document import PLATFORM, Owned
from streams.documents.policy import Policy
from streams.documents.route import Route
from streams.documents.rule import Rule
from streams.nearest import nearest

DocumentKey = tuple[str, str, str]  # kind, team, name
DEMONSTRATION = "demonstration"
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
            found = [_target(f"routing.notify.{n}", one) for n, one in enumerate(document.routing.notify)]
            policy = document.escalation_policy
            return [*found, Reference("escalation_policy", "policy", policy)] if policy else found
        case Policy():
            steps = (
                (f"steps.{n}.notify.{k}", one)
                for n, s in enumerate(document.steps)
                for k, one in enumerate(s.notify)
            )
            last = [("last_resort", document.last_resort)] if document.last_resort else []
            return [_target(path, one) for path, one in (*steps, *last)]
        case Route():
            return [_target("to", document.to)]
    return []


def _target(path: str, text: str) -> Reference:
    kind, _, name = text.partition("/")
    return Reference(path, kind, name)


def resolve(reference: Reference, team: str, documents: Collection[DocumentKey]) -> DocumentKey | None:
    """The document that is meant, or None."""
    for owner in owners(team):
        if (reference.kind, owner, reference.name) in documents:
            return reference.kind, owner, reference.name
    return ("endpoint", PLATFORM, "log") if reference[1:] == BUILT_IN else None


def owners(team: str) -> tuple[str, ...]:
    """Whose documents count for a team; the demonstration reaches nobody else's, whatever is configured."""
    return (team,) if team in (DEMONSTRATION, PLATFORM) else (team, PLATFORM)


def dangling(document: Owned, documents: Collection[DocumentKey]) -> list[tuple[str, str]]:
    """Mentions of what does not exist: the field's path and the sentence, with the nearest name that does."""
    found = []
    for one in references(document):
        if resolve(one, document.team, documents) is None:
            names = [
                name for kind, team, name in documents if kind == one.kind and team in owners(document.team)
            ]
            near = nearest(one.name, names)
            hint = (
                f"; did you mean `{near[0]}`?"
                if near
                else f"; there are: {', '.join(sorted(names)[:8]) or 'none'}"
            )
            found.append(
                (
                    one.path,
                    f"there is no {one.kind} `{one.name}` of {' or '.join(owners(document.team))}{hint}",
                )
            )
    return found


def users(target: DocumentKey, documents: Iterable[Owned], all_: Collection[DocumentKey]) -> list[str]:
    """Who mentions the document, in words: `policy payments`, `route all`."""
    return [
        f"{document.type} {document.name}"
        for document in documents
        if any(resolve(one, document.team, all_) == target for one in references(document))
    ]
