"""Escalation policies: who is told, in which order, until somebody acknowledges."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AliasChoices, Field, field_validator, model_validator

from streams.calendar.hours import read_zoned_hours
from streams.documents.document import Flag, Length, Owned, Part, Several
from streams.documents.oncall.target import StepTarget
from streams.messages.envelope import Severity

Times = Annotated[list[str], Several, Field(max_length=20)]  # mon-fri 09:00-17:00 Europe/Berlin


def readable_times(times: list[str]) -> list[str]:
    """Hours of the week with their zones, as they stand; ValueError names the first that is none."""
    for text in times:
        read_zoned_hours(text)
    return times


class Step(Part):
    """One step: `after` counts from the delivery of the step before it, while nobody has acknowledged.

    `severity` and `at`: when it counts; where it does not, the next step goes at once.
    """

    after: Length = 0
    notify: Annotated[list[StepTarget], Several] = Field(min_length=1, max_length=20)
    severity: Annotated[list[Severity], Several] = Field(default=[], max_length=3)
    at: Times = Field(default_factory=list[str])

    @field_validator("at")
    @classmethod
    def _hours(cls, at: list[str]) -> list[str]:
        return readable_times(at)


class Policy(Owned):
    """An escalation policy: its steps, gone through `repeat` times, then the last resort.

    `acknowledgements`: how many people have to acknowledge before it stops; `override_critical`: of something critical
    all of its steps are told at once, whatever the hour.
    """

    type = "policy"
    steps: list[Step] = Field(min_length=1, max_length=20)
    repeat: int = Field(default=3, ge=1, le=10, validation_alias=AliasChoices("repeat", "rounds"))
    last_resort: StepTarget | None = None
    acknowledgements: int = Field(default=1, ge=1, le=5)
    override_critical: Flag = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if any(step.after < 1_000 for step in self.steps[1:]):
            raise ValueError(
                "every step but the first needs `after` of at least 1s, or nobody has time to answer"
            )
        return self
