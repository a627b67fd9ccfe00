"""What a rule may say of events: which it looks at, what is wrong about them, and how such an alert ends."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from streams.calendar.duration import spell
from streams.documents.document import Length, Part, Several
from streams.matcher import compiled, matchers
from streams.text.fault import LABEL

QUIET = 600_000  # ms without another such event that end an alert, where a rule says nothing of its end
DISTINCT = 64  # values in a window are told apart
SHORTEST = 1_000  # ms
EventType = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^\S+$")]
EventTypes = Annotated[list[EventType], Field(min_length=1, max_length=50)]
Field_ = Annotated[str, Field(pattern=f"^{LABEL}$")]
Matchers = Annotated[str, Field(max_length=2_000)]


class EventFields(Part):
    """The fields of a condition `event`; a type may hold `*`, which stands for any characters."""

    event: Annotated[EventTypes | None, Several] = None
    where: Matchers = ""  # matchers over labels and attributes, and `type`, `source`, `gateway`
    absent_for: Length = 0
    distinct: Field_ | None = None  # `above` counts its values, not events
    first_seen: Field_ | None = None
    changed: Field_ | None = None
    ends_with: Annotated[EventTypes | None, Several] = None
    ends_where: Matchers = ""
    ends_after: Length = 0  # 0: by the counter-event alone, or after ten minutes where there is none

    def event_fields(self) -> list[str]:
        """The fields that only a condition `event` may set, and that are set."""
        fields = EventFields.model_fields
        return [name for name, of in fields.items() if name != "event" and getattr(self, name) != of.default]

    @property
    def quiet_after(self) -> int:
        """Milliseconds without another such event that end an alert; 0 where only a counter-event does."""
        return self.ends_after or (0 if self.ends_with or self.absent_for else QUIET)

    def check_events(self, counted: bool, over: int) -> None:
        """Whether the fields fit each other; ValueError names the field and what to write."""
        kinds = {
            "above": counted,
            "absent_for": bool(self.absent_for),
            "first_seen": self.first_seen is not None,
            "changed": self.changed is not None,
        }
        several = [name for name, wanted in kinds.items() if wanted]
        if len(several) > 1:
            raise ValueError(
                "say one of `above` (a number in `over`), `absent_for`, `first_seen` and `changed`, not "
                + ", ".join(several)
            )
        if counted and over < SHORTEST:
            raise ValueError("`above` counts events in a window: add `over: 5m` (at least 1s)")
        if self.distinct is not None and not counted:
            raise ValueError(
                "`distinct` counts values in a window: add `above: 5` and `over: 5m`, or leave it out"
            )
        if over and not counted:
            raise ValueError(
                "`over` is the window in which `above` counts events; leave it out, or say `above`"
            )
        if 0 < self.absent_for < SHORTEST:
            raise ValueError("`absent_for` is at least 1s")
        self._check_end(counted)

    def _check_end(self, counted: bool) -> None:
        if self.absent_for and self.ends_with:
            raise ValueError("`absent_for` ends when the event comes; leave out `ends_with`")
        if counted and (self.ends_with or self.ends_after):
            field = "ends_with" if self.ends_with else "ends_after"
            raise ValueError(f"a number of events ends when it is no longer above; leave out `{field}`")
        if self.ends_where and not self.ends_with:
            raise ValueError("`ends_where` narrows `ends_with`; say that too, or leave it out")
        if 0 < self.ends_after < SHORTEST:
            raise ValueError(f"`ends_after` is at least 1s, not {spell(self.ends_after)}")
        for field in ("where", "ends_where"):
            try:
                matchers(getattr(self, field))
            except ValueError as why:
                raise ValueError(f"`{field}`: {why}") from None


def type_pattern(types: Iterable[str]) -> Any:
    """One pattern for types of events, of which `*` stands for any characters."""
    return compiled("|".join(".*".join(map(re.escape, pattern.split("*"))) for pattern in types))
