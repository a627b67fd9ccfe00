"""What `apply` would do: one step a document, each with a sentence, before anything is done.

Pure: from the documents wanted and those that exist. Unchanged documents are untouched; what the files no
longer hold is deleted only on demand, and never while something that stays refers to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from api.documents.reference import DocumentKey, ambiguous, circle, dangling, key, nested, recorded, users
from api.documents.summary import spelled, summary
from streams.documents.document import Owned
from streams.documents.endpoint import Sealing
from streams.documents.route import Route
from streams.documents.rule import Rule
from streams.errors import Refused

# So that what is referred to comes first.
ORDER = (
    "endpoint", "person", "team", "schedule", "override", "calendar", "policy", "rule", "route", "silence",
    "maintenance", "inhibition", "dismissal", "probe", "report", "view",
)  # fmt: skip


class Stored(NamedTuple):
    """A document as it exists, its secrets opened, and its revision. `document` None: it cannot be read."""

    key: DocumentKey
    id: str
    revision: int
    document: Owned | None


class PlannedStep(NamedTuple):
    """One thing to do. `fields`: what changes, in words; never a secret's text."""

    do: Literal["create", "update", "delete", "keep"]
    kind: str
    team: str
    name: str
    id: str
    revision: int
    fields: list[str]
    sentence: str


class Complaint(NamedTuple):
    """Why the plan cannot be carried out, and at which field of which document."""

    kind: str
    team: str
    name: str
    path: str
    says: str


class Plan(NamedTuple):
    """The steps in the order in which they can be done, and what forbids them."""

    steps: list[PlannedStep]
    complaints: list[Complaint]


def plan(
    wanted: Iterable[Owned],
    stored: Iterable[Stored],
    prune: bool,
    now: int,
    beside: Mapping[DocumentKey, Owned | None] | None = None,
) -> Plan:
    """The way from what is `stored` to what is `wanted`; `prune` deletes what the same kinds and teams hold besides.

    `now`: ms UTC, for what is too late; `beside`: what is not changed and may be referred to.
    """
    new = {key(document): document for document in wanted}
    old = {known.key: known for known in stored}
    scope = {(kind, team) for kind, team, _ in new}
    gone = dict.fromkeys(k for k in old if k not in new and k[:2] in scope)
    staying = {k: known.document for k, known in old.items() if not (prune and k in gone)}
    after = {**(beside or {}), **staying, **new}
    steps = [_step(new[k], old.get(k)) for k in sorted(new, key=lambda k: _order(k, after))]
    before = {k: known.document for k, known in old.items()}
    steps += [
        _removal(old[k], prune) for k in sorted(gone, key=lambda k: _order(k, before)[:2], reverse=True)
    ]
    complaints = [
        Complaint(*key(document), path, says)
        for k, document in new.items()
        for path, says in (
            *dangling(document, after),
            *ambiguous(document, after),
            *circle(document, after),
            *nested(document, after),
            *recorded(document, after),
            *_late(document, old.get(k), now),
        )
    ]
    return Plan(steps, complaints + (_held(gone, after) if prune else []))


def _order(target: DocumentKey, documents: Mapping[DocumentKey, Owned | None]) -> tuple[int, int, str, str]:
    """What is referred to comes first: routes before those within them, rules before composites of them."""
    kind, team, name = target
    above = documents.get(target)
    depth = int(isinstance(above, Rule) and above.condition.composite is not None)
    while isinstance(above, Route) and above.within and depth < len(documents):
        above, depth = documents.get(("route", team, above.within)), depth + 1
    return ORDER.index(kind), depth, team, name


def _late(document: Owned, before: Stored | None, now: int) -> list[tuple[str, str]]:
    """What of it is over before it begins."""
    try:
        document.taking_effect(before.document if before else None, now)
    except Refused as why:
        return [("", str(why))]
    return []


def _step(document: Owned, before: Stored | None) -> PlannedStep:
    if before is None:
        return PlannedStep(
            "create",
            *key(document),
            document.id,
            0,
            [],
            f"create {_named(key(document))}: {summary(document)}",
        )
    fields = differences(before.document, document) if before.document else [UNREADABLE]
    if not fields:
        return PlannedStep(
            "keep", *key(document), document.id, before.revision, [], f"{_named(key(document))} is unchanged"
        )
    words = f"change {_named(key(document))}: {'; '.join(fields)}"
    return PlannedStep("update", *key(document), document.id, before.revision, fields, words)


def _removal(stored: Stored, prune: bool) -> PlannedStep:
    name = _named(stored.key)
    words = f"delete {name}" if prune else f"keep {name}, which no file holds (--prune would delete it)"
    return PlannedStep("delete" if prune else "keep", *stored.key, stored.id, stored.revision, [], words)


def _held(gone: Iterable[DocumentKey], after: Mapping[DocumentKey, Owned | None]) -> list[Complaint]:
    """Why something cannot be deleted: what stays refers to it."""
    staying = [document for document in after.values() if document is not None]
    complaints = []
    for target in gone:
        if by := users(target, staying, {target, *after}):
            words = (
                f"{target[0]} {target[2]} cannot be deleted: {', '.join(by)} refers to it; change that first"
            )
            complaints.append(Complaint(*target, "", words))
    return complaints


def _named(target: DocumentKey) -> str:
    kind, team, name = target
    return f"{kind} {name} of team {team}"


UNREADABLE = "all of it, since what is stored cannot be read"


def differences(before: Owned, after: Owned) -> list[str]:
    """What differs, a phrase a field: `severity: warning → critical`; of secrets only that they change."""
    old, new = flat(before.body()), flat(after.body())
    kept = {path for path in {**old, **new} if path.partition(".")[0] in after.kept_fields}
    secrets = {
        name
        for document in (before, after)
        if isinstance(document, Sealing)
        for name in document.secret_fields()
    }
    paths = [path for path in {**old, **new} if old.get(path) != new.get(path) and path not in kept]
    return [
        f"{path} changes"
        if path in secrets
        else f"{path}: {spelled(old.get(path))} → {spelled(new.get(path))}"
        for path in paths
    ]


def flat(body: Mapping[str, Any], head: str = "") -> dict[str, Any]:
    """The fields of a document by their paths: `condition.above`, and not `condition`."""
    fields: dict[str, Any] = {}
    for name, value in body.items():
        path = f"{head}{name}"
        fields |= flat(value, f"{path}.") if isinstance(value, dict) and value else {path: value}
    return fields
