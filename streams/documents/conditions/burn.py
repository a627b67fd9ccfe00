"""What a rule may say of a service level objective: how fast its error budget burns, over several windows at once.

The windows and factors are those of Google's SRE workbook: a month's budget would be gone in two days, in five, or just
at the month's end. The short window of each pair says that it still burns.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic import Field

from streams.documents.conditions.anomaly import Metric
from streams.documents.document import Part, Quantity
from streams.messages.envelope import Severity

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000  # ms
STEP = 5 * MINUTE
MONTH = 30 * DAY  # for how long a budget is meant to last


class BurnPair(NamedTuple):
    """Wrong is a budget that burns `factor` times as fast as it may over both windows, ms."""

    severity: Severity
    factor: float
    long: int
    short: int


PAIRS = (
    BurnPair("critical", 14.4, HOUR, 5 * MINUTE),
    BurnPair("critical", 6.0, 6 * HOUR, 30 * MINUTE),
    BurnPair("warning", 1.0, 3 * DAY, 6 * HOUR),
)
LEVELS: dict[Severity, float] = {"warning": 0.5, "critical": 1.5}  # of 1 for a warning, 2 for a critical pair


class BurnFields(Part):
    """The fields of a condition `burn_rate`: `bad / total`, of counters, and how many are to be good."""

    burn_rate: Metric | None = None
    objective: Quantity = Field(default=0.0, le=1)
    counts: Literal["bad", "good"] = "bad"  # what the first of both counters counts

    @property
    def budget(self) -> float:
        """The share that may be bad."""
        return 1.0 - self.objective

    def check_burn(self, kind: str) -> None:
        """Whether the fields are there where they belong, and only there; ValueError names the field."""
        if kind != "burn_rate":
            if self.objective or self.counts != "bad":
                field = "objective" if self.objective else "counts"
                raise ValueError(f"`{field}` belongs to a condition `burn_rate`; leave it out")
            return
        if not 0 < self.objective < 1:
            raise ValueError(
                "`objective` is the share that is to be good, between 0% and 100%: write for instance 99.9%"
            )
