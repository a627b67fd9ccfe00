"""Policies say who is told, in which order, until somebody acknowledges; routes say which policy."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from streams.documents.document import Flag, Length, Owned, Part, Several
from streams.fault import NAME
from streams.matcher import matchers

Place = Annotated[str, Field(pattern=f"^endpoint/{NAME}$")]
Target = Annotated[str, Field(pattern=f"^(endpoint|policy)/{NAME}$")]


class Step(Part):
    """One step: `after` counts from the delivery of the step before it, while nobody has acknowledged."""

    after: Length = 0
    notify: Annotated[list[Place], Several] = Field(min_length=1, max_length=20)


class Policy(Owned):
    """An escalation policy: its steps, repeated `rounds` times, then the last resort."""

    type = "policy"
    steps: list[Step] = Field(min_length=1, max_length=20)
    rounds: int = Field(default=3, ge=1, le=10)
    last_resort: Place | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if any(step.after < 1_000 for step in self.steps[1:]):
            raise ValueError(
                "every step but the first needs `after` of at least 1s, or nobody has time to answer"
            )
        return self


class Route(Owned):
    """Which alerts go to which target; the first route that matches wins, in the order of `order`, then name."""

    type = "route"
    when: str = Field(default="", max_length=2_000)
    to: Target
    order: int = Field(default=100, ge=-1_000_000, le=1_000_000)
    continue_: Flag = Field(default=False, alias="continue")

    @field_validator("when")
    @classmethod
    def _readable(cls, text: str) -> str:
        matchers(text)
        return text
