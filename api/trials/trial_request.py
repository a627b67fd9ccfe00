"""What somebody asks of a trial: a rule, what to show it, and the documents that would come with it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, FailFast, Field, SkipValidation, ValidationError

from api.field_faults import sentence
from api.trials.happening import Happening
from api.trials.recorded.recording import Recorded
from api.trials.sample import Sample, Wave
from api.trials.trial_input import MOST
from streams.errors import Refused


class Trial(BaseModel):
    """Samples and events as they are, a wave of values made by a recipe, or what was `recorded`: one or the other."""

    model_config = ConfigDict(extra="forbid")
    rule: dict[str, Any]
    documents: Annotated[list[dict[str, Any]], FailFast()] = Field(default=[], max_length=1_000)
    samples: Annotated[list[Sample], FailFast()] = Field(default=[], max_length=20_000)
    events: Annotated[list[Happening], FailFast()] = Field(default=[], max_length=20_000)
    generate: Annotated[list[Wave], FailFast()] = Field(default=[], max_length=20)
    recorded: Recorded | None = None
    gateway: str = Field(default="trial", min_length=1, max_length=200)

    def check(self) -> None:
        """Refused where it says two things at once."""
        if self.recorded is not None and (self.samples or self.events or self.generate):
            raise Refused("`recorded`: say that, or give `samples`, `events` or `generate`; not both")

    def all_samples(self) -> list[Sample]:
        """The samples and the waves, carried out; Refused before too many are."""
        size = len(self.samples) + sum(len(wave.values) * wave.times for wave in self.generate)
        if size > MOST:
            raise Refused(f"`generate`: a trial takes at most {MOST} values, not {size}: lower `times`")
        return [*self.samples, *(sample for wave in self.generate for sample in wave.samples())]


class TrialBody(Trial):
    """A trial as it comes: its samples and events, which may be very many, are still to be looked at."""

    samples: SkipValidation[list[Sample]] = []
    events: SkipValidation[list[Happening]] = []

    def whole(self) -> Trial:
        """The trial, looked at in whole, which is not for the event loop; Refused names the first that is wrong."""
        try:
            return Trial.model_validate({name: getattr(self, name) for name in self.model_fields_set})
        except ValidationError as why:
            raise Refused(
                sentence([{**error, "loc": ("body", *error["loc"])} for error in why.errors()])
            ) from None
