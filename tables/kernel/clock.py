"""Two clocks of a partition: `now`, the records' time, and the attended clock, which stands still while we are away.

`now` is the highest record timestamp; it never goes back. The attended clock advances from tick to
tick, but not over a stretch in which nobody was watching: ticks too far apart, or an injector that had
not caught up. Deadlines are kept on the attended clock; so after an outage of ours nothing is overdue
by the outage's length, and nobody is paged for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from streams.errors import DamagedState

LAG = 30_000  # ms; longer than this between ticks, or behind, and a machine was not attending


@dataclass(slots=True)
class Clock:
    """`ticked`: stamp of the newest tick; `behind`: whether its injector lagged; `lagged`: all time not attended."""

    now: int = 0
    attended: int = 0
    ticked: int = 0
    behind: bool = True
    lagged: int = 0
    lag_began: int = 0
    lag_ended: int = 0

    def record(self, stamp: int) -> None:
        """Every record advances `now`."""
        self.now = max(self.now, stamp)

    def tick(self, processed: int) -> None:
        """A tick whose injector had applied everything up to `processed`."""
        step = self.now - self.ticked if self.ticked else 0
        self.behind = self.now - processed > LAG
        if step > LAG or self.behind:
            self.lag_began = (
                self.lag_began if self.lag_ended == self.ticked and self.lag_began else self.ticked
            )
            self.lag_ended = self.now
            self.lagged += step
        else:
            self.attended += step
        self.ticked = self.now

    @property
    def attending(self) -> bool:
        """Whether the newest tick is recent and its injector was up to date; else decisions wait for one that is."""
        return not self.behind and self.now - self.ticked <= LAG

    @property
    def attended_now(self) -> int:
        """The attended clock at the newest record, up to a tick ahead: nothing is due too early."""
        return self.attended + (self.now - self.ticked if self.attending else 0)

    def delayed(self, at: int) -> bool:
        """Whether what happened at `at` is told late because we were away."""
        return self.lag_ended > 0 and at <= self.lag_ended and self.now - at > LAG

    def instant(self, wake: int) -> int:
        """The expected time, ms UTC, of a deadline on the attended clock."""
        return self.now + max(0, wake - self.attended)

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        """The clock that a head row keeps; DamagedState where it keeps something else."""
        if not (set(body) <= set(cls.__slots__) and all(isinstance(value, int) for value in body.values())):
            raise DamagedState(f"the head row keeps no clock: {body!r:.200}")
        return cls(**body)

    def body(self) -> dict[str, Any]:
        """As the head row keeps it."""
        return {name: getattr(self, name) for name in self.__slots__}
