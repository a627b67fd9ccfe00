"""What an operator may say about one anomaly condition; everything else is the same for all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tables.anomaly.config import FREEZE_FOR, REST
from tables.anomaly.kind import ONLY_UP, Kind


class Direction(StrEnum):
    """Which side of the expected band matters."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"


class Sensitivity(StrEnum):
    """How unusual is unusual enough; `normal` is the shipped threshold."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Seasonality(StrEnum):
    """Which seasons are looked for; `auto` uses the weekly one where it predicts better."""

    AUTO = "auto"
    NONE = "none"
    DAY = "day"
    WEEK = "week"


SHIFT = {Sensitivity.LOW: -0.7, Sensitivity.NORMAL: 0.0, Sensitivity.HIGH: 0.7}


@dataclass(frozen=True, slots=True)
class Options:
    """One condition's choices.

    `history` ms of data before the first alert; `quiet` ms after an alert in which only a larger one is another;
    `learn_limit` ms after which even a firing series is learned; `least_volume` in calls, for ratios.
    """

    kind: Kind = Kind.GAUGE
    direction: Direction | None = None
    sensitivity: Sensitivity = Sensitivity.NORMAL
    seasonality: Seasonality = Seasonality.AUTO
    history: int = 0
    quiet: int = REST
    learn_limit: int = FREEZE_FOR
    least_volume: float = 0.0

    @property
    def side(self) -> int:
        """1 for rises only, -1 for falls only, 0 for both; each kind has its own usual answer."""
        if self.direction is None:
            return 1 if self.kind in ONLY_UP else 0
        return {Direction.UP: 1, Direction.DOWN: -1, Direction.BOTH: 0}[self.direction]


SHIPPED = Options()
