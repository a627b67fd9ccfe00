"""What a rule may say of recording: under which name its values become series again, and of which gateway."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from streams.documents.conditions.condition_input import FUNCTIONS
from streams.documents.document import Part
from streams.text.fault import RECORDED, ROOMY

PLAIN = frozenset({"ratio", "quantile", *FUNCTIONS})  # kinds of conditions that come to a number
MARK = ":"  # in the name of what is recorded, and in no other
Recorded = Annotated[str, Field(pattern=RECORDED, max_length=200)]


class RecordingFields(Part):
    """The fields by which a rule records what it finds, with a threshold or without one."""

    record: Recorded | None = None
    record_to: str = Field(default="", max_length=200, pattern=ROOMY)  # "": the same gateway

    def check_recording(self, kind: str) -> None:
        """Whether the fields are there where they belong; ValueError names the field. `kind`: the kind of condition."""
        if self.record is None:
            if self.record_to:
                raise ValueError("`record_to` says where `record` goes: say `record` too")
            return
        if kind not in PLAIN:
            raise ValueError(f"`record` belongs to what is a number, not to `{kind}`; leave it out")
