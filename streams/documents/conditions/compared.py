"""What a rule may say of an earlier window: the change since then is judged in the place of the value."""

from __future__ import annotations

from typing import Literal

from streams.calendar.duration import spell
from streams.documents.document import Length, Part

HOUR, DAY, WEEK = 3_600_000, 86_400_000, 604_800_000  # ms
# How far apart the windows lie that are kept, ms, by how far back they are looked for.
STEPS = {HOUR: 60_000, DAY: 300_000, WEEK: 900_000}
_NO_WINDOW = ("last", "anomaly", "burn_rate", "event", "unreachable")


class ComparedFields(Part):
    """The fields by which a value is compared with that of the same window an hour, a day or a week earlier."""

    compared_to: Length = 0
    change_in: Literal["percent", "absolute"] = "percent"

    @property
    def relative(self) -> bool:
        """Whether what is judged is a share of an earlier value."""
        return self.compared_to > 0 and self.change_in == "percent"

    def check_compared(self, kind: str, over: int, reaches: float | None) -> None:
        """Whether the fields fit the function that was said and its window; ValueError names the field."""
        if not self.compared_to:
            if self.change_in != "percent":
                raise ValueError("`change_in` is said of a change: add `compared_to: 1d`, or leave it out")
            return
        if kind in _NO_WINDOW:
            raise ValueError(
                f"`compared_to` compares windows, and `{kind}` has none to keep: leave it out, or use `avg` with `over`"
            )
        if self.compared_to not in STEPS:
            known = ", ".join(map(_named, STEPS))
            raise ValueError(f"`compared_to` is one of {known}, not {spell(self.compared_to)}")
        step = STEPS[self.compared_to]
        if not step <= over <= self.compared_to:
            raise ValueError(
                f"`over` is {spell(step)} to {_named(self.compared_to)} where a rule is "
                f"`compared_to: {_named(self.compared_to)}`, not {spell(over)}: a window is kept every {spell(step)}"
            )
        if reaches is not None:
            raise ValueError("`reaches` is an end of values, and `compared_to` judges changes: leave one out")


def earlier(length: int) -> str:
    """How far back, as people say it: `an hour`, `a day`, `a week`."""
    return {HOUR: "an hour", DAY: "a day", WEEK: "a week"}.get(length, spell(length))


def _named(length: int) -> str:
    return {WEEK: "1w"}.get(length, spell(length))
