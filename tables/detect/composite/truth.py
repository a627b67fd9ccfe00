"""Whether the expression of a composite rule holds, group by group, from how the instances of its rules stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
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
    exact = {name: _exact(by, member.instances) for name, member in named.items()}
    wide = {name: _wide(by, member.instances) for name, member in named.items()}
    groups = {tuple(labels.get(label, "") for label in by) for labels in known}
    groups.update(*(groups_of.keys() for groups_of in exact.values()), [()] if not by else [])
    missing = {name: False if member.quiet else _MISSING[condition.missing] for name, member in named.items()}
    outcomes: list[Truth] = []
    for group in sorted(groups):
        labels = dict(zip(by, group, strict=True))
        states: dict[str, bool | None] = {}
        for name in named:
            others = [
                stands.get(tuple(labels[label] for label in has), ()) for has, stands in wide[name].items()
            ]
            states[name] = _state([*exact[name].get(group, ()), *chain.from_iterable(others)], missing[name])
        words = ", ".join(f"{name} {_IS[state]}" for name, state in states.items())
        outcomes.append(Truth(labels, expression.value(states), words))
    return outcomes


def _exact(by: Sequence[str], instances: Iterable[MemberInstance]) -> dict[Key, list[bool | None]]:
    exact: dict[Key, list[bool | None]] = {}
    for instance in instances:
        if all(label in instance.labels for label in by):
            exact.setdefault(tuple(instance.labels[label] for label in by), []).append(instance.fires)
    return exact


def _wide(by: Sequence[str], instances: Iterable[MemberInstance]) -> dict[Key, dict[Key, set[bool | None]]]:
    """How those stand that lack labels: by the labels that they have, and by the values of these."""
    wide: dict[Key, dict[Key, set[bool | None]]] = {}
    for instance in instances:
        has = tuple(label for label in by if label in instance.labels)
        if len(has) < len(by):
            values = tuple(instance.labels[label] for label in has)
            wide.setdefault(has, {}).setdefault(values, set()).add(instance.fires)
    return wide


def _state(instances: Sequence[bool | None], missing: bool | None) -> bool | None:
    """Of all instances of a rule in a group: it fires where one does; else it is not known where one is not."""
    if True in instances:
        return True
    if None in instances:
        return None
    return False if instances else missing
