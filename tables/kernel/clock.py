"""Two clocks of a partition: `now`, the records' time, and the active clock, which stands still while we are away.

`now` is the highest record timestamp; it never goes back. The active clock advances from tick to
tick, but not over a stretch in which nobody was watching: ticks too far apart, or an injector that had
not caught up. Deadlines are kept on the active clock; so after an outage of ours nothing is overdue
by the outage's length, and nobody is paged for it. The head row of a partition holds both.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

LAG = 30_000  # ms; longer than this between ticks, or behind, and a machine was not watching
MISSING = 3  # ticks that do not come before decisions wait for the next one
SHORTEST = 3_000  # ms that they may be apart at least before that is said of them


class Clock(msgspec.Struct, forbid_unknown_fields=True):  # time is never guessed from a damaged head
    """`ticked`: stamp of the newest tick; `behind`: whether its injector lagged; `lagged`: all time that it stood.

    `patience`: ms after the newest tick by which others have to come, as far apart as the last ones were.
    """

    now: int = 0
    active: int = 0
    ticked: int = 0
    behind: bool = True
    lagged: int = 0
    lag_began: int = 0
    lag_ended: int = 0
    patience: int = SHORTEST

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
            self.active += step
            self.patience = min(LAG, max(SHORTEST, MISSING * step))
        self.ticked = self.now

    @property
    def caught_up(self) -> bool:
        """Whether ticks come as they did and their injector is up to date; else decisions wait for one that does.

        So what comes and goes at the beginning of an absence is not told as if somebody had been there.
        """
        return not self.behind and self.now - self.ticked <= self.patience

    @property
    def active_now(self) -> int:
        """The active clock at the newest record, up to a tick ahead: nothing is due too early."""
        recent = not self.behind and self.now - self.ticked <= LAG
        return self.active + (self.now - self.ticked if recent else 0)

    def moment(self, offset: int) -> Moment:
        """The present input's place in the log and on both clocks."""
        away = self.behind or self.now - self.ticked > self.patience  # `caught_up` would cost a call a step
        return Moment(offset, self.now, self.active, self.lag_ended, self.ticked if away else None)


class Moment(NamedTuple):
    """When a step is taken: the input's offset, `now` in ms UTC, and `active` in ms on the active clock.

    `away_since`: the newest tick where others should have come since; None where we are watching.
    """

    offset: int
    now: int
    active: int
    lag_ended: int = 0
    away_since: int | None = None

    def delayed(self, at: int) -> bool:
        """Whether what happened at `at` is told late because we were away."""
        return self.lag_ended > 0 and at <= self.lag_ended and self.now - at > LAG

    def away(self, at: int) -> bool:
        """Whether nobody was watching at an instant, in the absence that goes on or in the last one."""
        return (self.away_since is not None and at > self.away_since) or self.delayed(at)

    def instant(self, deadline: int) -> int:
        """The expected time, ms UTC, of a deadline on the active clock."""
        return self.now + max(0, deadline - self.active)
