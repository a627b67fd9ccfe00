"""Inhibitions: while one alert fires nobody is told of others that it explains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from streams.documents import coverage
from streams.documents.document import Owned, Several
from streams.documents.route import Label


class Inhibition(Owned):
    """While an alert fires that fits `source`, those that fit `target` and have the same `equal` labels are suppressed.

    What fits `source` is no target of the same inhibition, so alerts of one kind never suppress one another.
    """

    type = "inhibition"
    source: str = Field(max_length=2_000)
    target: str = Field(max_length=2_000)
    equal: Annotated[list[Label], Several] = Field(min_length=1, max_length=20)

    @field_validator("source", "target")
    @classmethod
    def _asking(cls, text: str) -> str:
        return coverage.checked(text, whole=False)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if coverage.compiled(self.source) == coverage.compiled(self.target):
            raise ValueError(
                "`target` is the same as `source`: an alert does not suppress its like; name others"
            )
        return self

    def is_source(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels suppresses others."""
        return coverage.covers(self.source, labels)

    def is_target(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels may be suppressed."""
        return coverage.covers(self.target, labels) and not self.is_source(labels)

    def shared(self, labels: Mapping[str, str]) -> str:
        """The values of the `equal` labels, a missing one being empty, as one text that tells them apart."""
        return "\x1f".join(labels.get(name, "") for name in self.equal)


def follows(inhibition: Inhibition, other: Inhibition) -> bool:
    """Whether what `inhibition` suppresses may itself suppress by `other`."""
    return not coverage.disjoint(inhibition.target, other.source)


def loop(inhibitions: Iterable[Inhibition], new: Inhibition) -> tuple[str, ...]:
    """The names of the inhibitions that would go round in a circle with a new one; none where they do not.

    In a circle alerts would suppress one another, and nobody would be told of any.
    """
    others = [known for known in inhibitions if (known.team, known.name) != (new.team, new.name)]
    paths: list[list[Inhibition]] = [[new]]
    reached = set[tuple[str, str]]()
    while paths:
        path = paths.pop()
        if len(path) > 1 and follows(path[-1], new):
            return tuple(known.name for known in path)
        for known in others:
            if (known.team, known.name) not in reached and follows(path[-1], known):
                reached.add((known.team, known.name))
                paths.append([*path, known])
    return ()


def without_loops(inhibitions: Sequence[Inhibition]) -> list[Inhibition]:
    """Those that hold: each that would close a circle with those before it is left out."""
    holding: list[Inhibition] = []
    for inhibition in inhibitions:
        if not loop(holding, inhibition):
            holding.append(inhibition)
    return holding
