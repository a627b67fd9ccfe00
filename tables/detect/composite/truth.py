"""Whether the expression of a composite rule holds, group by group, from how the instances of its rules stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from streams.documents.conditions.condition import Condition

_IS = {True: "fires", False: "does not fire", None: "is not known"}
_MISSING = {"keep": None, "alert": True, "resolve": False}


class MemberInstance(NamedTuple):
    """How one instance of a rule stands: whether it `fires`, None where nobody knows."""

    labels: Mapping[str, str]
    fires: bool | None


class Truth(NamedTuple):
    """Whether the expression holds for a group, None where that is not known, and how each rule stands in words."""

    labels: dict[str, str]
    holds: bool | None
    detail: str


class Member(NamedTuple):
    """A rule that is named. `quiet`: without an instance it does not fire, since it is about events."""

    instances: Sequence[MemberInstance]
    quiet: bool


Key = tuple[str, ...]


def truths(
    condition: Condition, members: Mapping[str, Member], known: Iterable[Mapping[str, str]]
) -> list[Truth]:
    """One a group, sorted: a group is the labels in `by`; an instance that lacks one of them counts in every group.

    `known`: the labels of groups that there are already, which may have no instance left.
    """
    by = [label for label in condition.by or () if label != "gateway"]
    expression = condition.expression()
    named = {name: members[name] for name in sorted(expression.names())}
    exact = {name: _exact(by, one.instances) for name, one in named.items()}
    wide = {
        name: [each for each in one.instances if any(label not in each.labels for label in by)]
        for name, one in named.items()
    }
    groups = {tuple(labels.get(label, "") for label in by) for labels in known}
    groups.update(*(found.keys() for found in exact.values()), [()] if not by else [])
    missing = {name: False if one.quiet else _MISSING[condition.missing] for name, one in named.items()}
    found: list[Truth] = []
    for group in sorted(groups):
        labels = dict(zip(by, group, strict=True))
        states: dict[str, bool | None] = {}
        for name in named:
            others = [each.fires for each in wide[name] if _fits(each.labels, labels)]
            states[name] = _state([*exact[name].get(group, ()), *others], missing[name])
        words = ", ".join(f"{name} {_IS[state]}" for name, state in states.items())
        found.append(Truth(labels, expression.value(states), words))
    return found


def _exact(by: Sequence[str], instances: Iterable[MemberInstance]) -> dict[Key, list[bool | None]]:
    found: dict[Key, list[bool | None]] = {}
    for one in instances:
        if all(label in one.labels for label in by):
            found.setdefault(tuple(one.labels[label] for label in by), []).append(one.fires)
    return found


def _fits(labels: Mapping[str, str], group: Mapping[str, str]) -> bool:
    return all(labels.get(label, value) == value for label, value in group.items())


def _state(instances: Sequence[bool | None], missing: bool | None) -> bool | None:
    """Of all instances of a rule in a group: it fires where one does; else it is not known where one is not."""
    if True in instances:
        return True
    if None in instances:
        return None
    return False if instances else missing
