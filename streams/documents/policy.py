"""Escalation policies: who is told, in which order, until somebody acknowledges."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AliasChoices, Field, model_validator

from streams.documents.document import Length, Owned, Part, Several
from streams.fault import NAME

Place = Annotated[str, Field(pattern=f"^endpoint/{NAME}$")]


class Step(Part):
    """One step: `after` counts from the delivery of the step before it, while nobody has acknowledged."""

    after: Length = 0
    notify: Annotated[list[Place], Several] = Field(min_length=1, max_length=20)


class Policy(Owned):
    """An escalation policy: its steps, gone through `repeat` times, then the last resort."""

    type = "policy"
    steps: list[Step] = Field(min_length=1, max_length=20)
    repeat: int = Field(default=3, ge=1, le=10, validation_alias=AliasChoices("repeat", "rounds"))
    last_resort: Place | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if any(step.after < 1_000 for step in self.steps[1:]):
            raise ValueError(
                "every step but the first needs `after` of at least 1s, or nobody has time to answer"
            )
        return self
