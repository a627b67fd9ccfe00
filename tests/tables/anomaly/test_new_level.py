"""A deploy's new level, as plainly as it can come: it alerts once, and is then the usual one."""

from __future__ import annotations

import random
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from tables.anomaly.config import ALERT, DAY, HOUR
from tables.anomaly.kind import Kind
from tables.anomaly.options import Direction, Options
from tests.tables.anomaly.signals import alerts, daily, judged

MINUTE = HOUR // 60
KINDS = (Kind.GAUGE, Kind.RATE, Kind.LATENCY, Kind.COUNTER)
LEVELS = st.sampled_from(
    [(100.0, 150.0), (150.0, 100.0), (100.0, 103.0), (0.02, 20.0), (0.0, 5.0), (37.7, 12.1)]
)


@given(
    kind=st.sampled_from(KINDS),
    levels=LEVELS,
    noise=st.sampled_from([0.0, 1e-9, 1e-3]),
    step=st.sampled_from([MINUTE, 5 * MINUTE, 5 * MINUTE]),
    share=st.floats(0.1, 1.0),
    seed=st.integers(0, 9),
)
@settings(max_examples=25, deadline=None)
def test_a_constant_that_becomes_another_alerts_once(
    kind: Kind, levels: tuple[float, float], noise: float, step: int, share: float, seed: int
) -> None:
    """Whatever the kind, the side, the noise, the distance of rows and the history; three days later all is calm."""
    rnd, before = random.Random(seed), int(share * 1500) + DAY // step
    after = 3 * DAY // step
    values = [level * rnd.gauss(1.0, noise) for level in [levels[0]] * before + [levels[1]] * after]
    totals = accumulate(value * step for value in values) if kind is Kind.COUNTER else values
    verdicts = judged(totals, Options(kind=kind, direction=Direction.BOTH, history=DAY), step=step)
    assert alerts(verdicts, after=before) == [before]
    assert verdicts[-1].surprise < ALERT


@given(
    kind=st.sampled_from([Kind.GAUGE, Kind.RATE]),
    factor=st.sampled_from([0.4, 2.0, 3.0]),
    hour=st.integers(0, 23),
    seed=st.integers(0, 99),
)
@settings(max_examples=10, deadline=None)
def test_a_deploy_on_a_daily_season_is_one_incident(kind: Kind, factor: float, hour: int, seed: int) -> None:
    """Two fifths, twice or thrice the traffic from some hour: told in its first hours, not again at the next peaks."""
    before = 14 * 24 + hour
    calm = daily(24 * 18, seed=seed, level=1000.0, swing=500.0, size=40.0, day=24)
    values = [value * (factor if row >= before else 1.0) for row, value in enumerate(calm)]
    found = alerts(judged(values, Options(kind=kind), step=HOUR), after=before)
    assert found
    assert max(found) - before <= 3
