"""The one shipped configuration of the model and its one threshold, for every series; by kind only OFFSETS differ.

Chosen on labelled development series and on changed copies of them (noise, other starts, coarser steps) for plateaus
rather than peaks; `docs/anomaly.md` says what moves the score and by how much, ADR 5 how the choice was made.
Durations are milliseconds; gains are shares per row; "log" means natural logarithm.
"""

from __future__ import annotations

from typing import Final

from tables.anomaly.calibration import Prior

HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR

NEVER: Final = -(10**15)  # ms; before every instant
THRESHOLD: Final = 0.9  # a row whose score reaches this is an alert
COLD: Final = 10  # rows before anything is compared
FLOOR: Final = 0.01  # a scale is never below this share of the range seen so far
# Ranges seen so far that one row goes beyond them at most: a glitch hides nothing after it.
FARTHEST_ROW: Final = 10.0
FIRST_RANGE: Final = 0.1  # share of the first signal that counts as the range of what has been constant
CLIP: Final = 5.0  # an observation moves what is learned by at most this many scales

# Levels: gains of the mean and of its mean absolute deviation.
SLOW_GAIN: Final = 0.01
SLOW_SCALE_GAIN: Final = 0.002
FAST_GAIN: Final = 0.1
FAST_SCALE_GAIN: Final = 0.002
STEP_GAIN: Final = 0.005

# Season: slots a day, days that a slot remembers, weeks that it remembers.
SLOTS: Final = 24
SEASON_DAYS: Final = 7
SEASON_WEEKS: Final = 4
SEASON_GAIN: Final = 0.004
WEEK_BETTER: Final = 0.9  # the weekly shape is used while its error is below this share of the daily one's

# Novelty: values remembered, and the share of the range that makes a value worth remembering.
MEMORY: Final = 80
MEMORY_RESIDUAL: Final = 200
RADIUS: Final = 0.01
SMOOTH: Final = HOUR // 2
SUSTAINED: Final = 3 * HOUR
# Usual distances between rows that one row counts for at most, however long nothing came.
LONGEST_ROW: Final = 3.0

# How far from usual: weights of the logs of season, slow level, fast level and step.
WEIGHTS: Final = (0.3, 0.1, 0.4, 0.25)
# A value that was reached before is less news, the farther out it is.
KNOWN: Final = 1.3
KNOWN_SMOOTH: Final = 0.2
KNOWN_FROM: Final = 2.0  # log scales from the slow level
KNOWN_RADIUS: Final = 0.1
HABIT_TIMES: Final = 3.0  # earlier incidents that make being far out a habit; fewer make a part of one
HABIT_FADES: Final = 14 * DAY  # after so long, an incident counts for half

# Joining: what each part has to exceed to count like the first one.
OFFSETS: Final = (0.0, -1.5, -1.5, -2.0, -2.0)
# A declared kind has lost its unit and most of its tail on the way in: its distances and its drift deserve more trust.
OFFSETS_OF_KINDS: Final = (0.5, -3.0, -2.5, -2.0, -0.2)
ALERT: Final = 1.5  # the joined surprise that is the threshold

REST: Final = 8 * HOUR  # a repeated alert has to be larger than everything since the last one
MARGIN: Final = 0.2
# Usual distances from the season, for hours, that are another level; what it was told of is kept.
LEANS: Final = 1.5
FREEZE_FROM: Final = 2.5
FREEZE_FOR: Final = 2 * HOUR
FREEZE_COLD: Final = 50

DISTANCE_PRIOR: Final = Prior(
    block=8 * HOUR,
    level=1.0,
    lowest=-1.0,
    weight=12,
    gain=0.03,
    deviation=0.3,
    deviation_weight=8,
    power=0.3,
    cap=2,
)
DRIFT_PRIOR: Final = DISTANCE_PRIOR
NOVELTY_PRIOR: Final = Prior(
    block=3 * HOUR,
    level=-5.0,
    lowest=-7.0,
    weight=2,
    gain=0.03,
    deviation=0.8,
    deviation_weight=16,
    power=0.5,
    cap=1,
)
