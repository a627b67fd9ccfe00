"""What `apply` would do: one step a document, each with a sentence, before anything is done.

Pure: from the documents wanted and those that exist. Unchanged documents are untouched; what the files no
longer hold is deleted only on demand, and never while something that stays refers to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from api.documents.reference import DocumentKey, ambiguous, circle, dangling, key, users
from api.documents.summary import spelled, summary
from streams.documents.document import Owned
from streams.documents.endpoint import Sealing
from streams.documents.route import Route
from streams.errors import Refused

# So that what is referred to comes first.
ORDER = (
    "endpoint", "person", "team", "schedule", "policy", "rule", "route", "silence", "maintenance", "inhibition",
    "dismissal", "probe",
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


def plan(wanted: Iterable[Owned], stored: Iterable[Stored], prune: bool, now: int) -> Plan:
    """The way from what is `stored` to what is `wanted`; `prune` deletes what the same kinds and teams hold besides.

    `now`: ms UTC, for what is too late.
    """
    new, old = {key(one): one for one in wanted}, {one.key: one for one in stored}
    scope = {(kind, team) for kind, team, _ in new}
    gone = [k for k in old if k not in new and k[:2] in scope]
    after = {k: one.document for k, one in old.items() if not (prune and k in gone)} | new
    steps = [_step(one, old.get(k)) for k, one in sorted(new.items(), key=lambda item: _order(item, after))]
    steps += [_removal(old[k], prune) for k in sorted(gone, key=lambda k: -ORDER.index(k[0]))]
    complaints = [
        Complaint(*key(one), path, says)
        for k, one in new.items()
        for path, says in (
            *dangling(one, after),
            *ambiguous(one, after),
            *circle(one, after),
            *_late(one, old.get(k), now),
        )
    ]
    return Plan(steps, complaints + (_held(gone, after) if prune else []))


def _order(
    item: tuple[DocumentKey, Owned], after: Mapping[DocumentKey, Owned | None]
) -> tuple[int, int, str, str]:
    """What is referred to comes first; of routes, those that others are within."""
    (kind, team, name), depth = item[0], 0
    above: Owned | None = item[1]
    while isinstance(above, Route) and above.within and depth < len(after):
        above, depth = after.get(("route", team, above.within)), depth + 1
    return ORDER.index(kind), depth, team, name


def _late(one: Owned, before: Stored | None, now: int) -> list[tuple[str, str]]:
    """What of it is over before it begins."""
    try:
        one.taking_effect(before.document if before else None, now)
    except Refused as why:
        return [("", str(why))]
    return []


def _step(one: Owned, before: Stored | None) -> PlannedStep:
    if before is None:
        return PlannedStep("create", *key(one), one.id, 0, [], f"create {_named(key(one))}: {summary(one)}")
    fields = differences(before.document, one) if before.document else [UNREADABLE]
    if not fields:
        return PlannedStep("keep", *key(one), one.id, before.revision, [], f"{_named(key(one))} is unchanged")
    words = f"change {_named(key(one))}: {'; '.join(fields)}"
    return PlannedStep("update", *key(one), one.id, before.revision, fields, words)


def _removal(one: Stored, prune: bool) -> PlannedStep:
    name = _named(one.key)
    words = f"delete {name}" if prune else f"keep {name}, which no file holds (--prune would delete it)"
    return PlannedStep("delete" if prune else "keep", *one.key, one.id, one.revision, [], words)


def _held(gone: Iterable[DocumentKey], after: Mapping[DocumentKey, Owned | None]) -> list[Complaint]:
    """Why something cannot be deleted: what stays refers to it."""
    staying = [one for one in after.values() if one is not None]
    found = []
    for one in gone:
        if by := users(one, staying, {one, *after}):
            words = f"{one[0]} {one[2]} cannot be deleted: {', '.join(by)} refers to it; change that first"
            found.append(Complaint(*one, "", words))
    return found


def _named(one: DocumentKey) -> str:
    kind, team, name = one
    return f"{kind} {name} of team {team}"


UNREADABLE = "all of it, since what is stored cannot be read"


def differences(before: Owned, after: Owned) -> list[str]:
    """What differs, a phrase a field: `severity: warning → critical`; of secrets only that they change."""
    old, new = _flat(before.body()), _flat(after.body())
    kept = {path for path in {**old, **new} if path.partition(".")[0] in after.kept_fields}
    secrets = {name for one in (before, after) if isinstance(one, Sealing) for name in one.secret_fields()}
    paths = [path for path in {**old, **new} if old.get(path) != new.get(path) and path not in kept]
    return [
        f"{path} changes"
        if path in secrets
        else f"{path}: {spelled(old.get(path))} → {spelled(new.get(path))}"
        for path in paths
    ]


def _flat(body: Mapping[str, Any], head: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in body.items():
        path = f"{head}{name}"
        found |= _flat(value, f"{path}.") if isinstance(value, dict) and value else {path: value}
    return found
