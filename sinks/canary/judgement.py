"""When people are told that canaries do not arrive, and when that they do again: never a flood of words."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

STEADY = 60.0  # seconds for which all must arrive before it is over
PAUSE, LONGEST = 600.0, 7_200.0  # seconds from the end of one to the next; it doubles while more come
CALM = 21_600.0  # seconds without any after which pauses are short again


class News(StrEnum):
    """What there is to say."""

    NONE = "none"
    LOST = "lost"  # some have not arrived for too long
    BACK = "back"  # all arrive again


class Judgement(NamedTuple):
    """How it stands; instants are seconds of the watched time.

    `told`: that some are lost; `well_since`: since when all arrive again; `free_at`: when the next word may go.
    """

    told: bool = False
    well_since: float | None = None
    free_at: float = 0.0
    pause: float = 0.0


def judge(known: Judgement, lost: bool, now: float) -> tuple[Judgement, News]:
    """What it is now, and what is to be said. `lost`: whether some have not arrived for too long."""
    if lost and (known.told or now < known.free_at):
        return known._replace(well_since=None), News.NONE
    if lost:
        calm = not known.pause or now > known.free_at + CALM
        pause = PAUSE if calm else min(2 * known.pause, LONGEST)
        return Judgement(told=True, free_at=known.free_at, pause=pause), News.LOST
    if not known.told:
        return known, News.NONE
    since = now if known.well_since is None else known.well_since
    if now - since < STEADY:
        return known._replace(well_since=since), News.NONE
    return Judgement(free_at=now + known.pause, pause=known.pause), News.BACK
