"""Routes: which alerts are told of to whom, and what is told of together."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from streams.documents.document import Flag, Length, Owned, Several
from streams.fault import NAME
from streams.matcher import matchers

Target = Annotated[str, Field(pattern=f"^(endpoint|policy)/{NAME}$")]
Label = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]


class Route(Owned):
    """Which alerts go to which target; the first route that matches wins, in the order of `order`, then name."""

    type = "route"
    when: str = Field(default="", max_length=2_000)
    to: Target
    order: int = Field(default=100, ge=-1_000_000, le=1_000_000)
    continue_: Flag = Field(default=False, alias="continue")
    group_by: Annotated[list[Label], Several] = Field(default=[], max_length=20)  # none: by rule and gateway
    group_wait: Length | None = None  # before a group that is not critical is told of first
    group_interval: Length | None = None  # between a notification and one about later joiners
    repeat_interval: Length | None = None  # between repeats once all steps are through

    @field_validator("when")
    @classmethod
    def _readable(cls, text: str) -> str:
        matchers(text)
        return text
