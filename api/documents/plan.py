"""What `apply` would do: one step a document, each with a sentence, before anything is done.

Pure: from the documents wanted and those that exist. Unchanged documents are untouched; what the files no
longer hold is deleted only on demand, and never while something that stays refers to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from api.documents.reference import DocumentKey, dangling, key, users
from streams.documents.condition import Condition
from streams.documents.document import Owned
from streams.documents.rule import Rule

ORDER = (
    "endpoint",
    "policy",
    "rule",
    "route",
    "dismissal",
    "probe",
)  # so that what is referred to comes first


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


def plan(wanted: Iterable[Owned], stored: Iterable[Stored], prune: bool) -> Plan:
    """The way from what is `stored` to what is `wanted`; `prune` deletes what the same kinds and teams hold besides."""
    new, old = {key(one): one for one in wanted}, {one.key: one for one in stored}
    scope = {(kind, team) for kind, team, _ in new}
    gone = [k for k in old if k not in new and k[:2] in scope]
    after = {k: one.document for k, one in old.items() if not (prune and k in gone)} | new
    steps = [_step(one, old.get(k)) for k, one in sorted(new.items(), key=_order)]
    steps += [_removal(old[k], prune) for k in sorted(gone, key=lambda k: -ORDER.index(k[0]))]
    complaints = [
        Complaint(*key(one), path, says) for one in new.values() for path, says in dangling(one, after)
    ]
    return Plan(steps, complaints + (_held(gone, after) if prune else []))


def _order(item: tuple[DocumentKey, Owned]) -> tuple[int, str, str]:
    kind, team, name = item[0]
    return ORDER.index(kind), team, name


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
SECRET = frozenset({"url", "secret"})


def differences(before: Owned, after: Owned) -> list[str]:
    """What differs, a phrase a field: `severity: warning → critical`; of secrets only that they change."""
    old, new = _flat(before.body()), _flat(after.body())
    paths = [path for path in {**old, **new} if old.get(path) != new.get(path)]
    return [
        f"{path} changes"
        if path in SECRET
        else f"{path}: {_spelled(old.get(path))} → {_spelled(new.get(path))}"
        for path in paths
    ]


def _flat(body: Mapping[str, Any], head: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in body.items():
        path = f"{head}{name}"
        found |= _flat(value, f"{path}.") if isinstance(value, dict) and value else {path: value}
    return found


def _spelled(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return "nothing" if value in (None, "", []) else f"{value!s:.80}"


def _condition(rule: Owned, body: dict[str, Any]) -> str:
    """What a condition says that is not so by default."""
    assert isinstance(rule, Rule)
    said = [
        name for name, of in Condition.model_fields.items() if getattr(rule.condition, name) != of.default
    ]
    return ", ".join(f"{name} {_spelled(body[name])}" for name in said if name in body)


def summary(one: Owned) -> str:
    """One document in a few words: what it watches, whom it tells."""
    body = one.body()
    match one.type:
        case "rule":
            return f"{body['severity']} when {_condition(one, body['condition'])}, for {body['for']}"
        case "policy":
            return " then ".join(
                f"{', '.join(step['notify'])} after {step['after']}" for step in body["steps"]
            )
        case "route":
            return f"{body['when'] or 'everything'} → {body['to']}"
        case "dismissal":
            return f"{body['instance']} was no anomaly at {body['at']}"
        case "probe":
            return f"certificates of {', '.join(body['hosts'])}, every {body['every']}"
    return f"{body['channel']}, secrets sealed"
