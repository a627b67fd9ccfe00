"""A workload of every condition that Prometheus has as well: two hundred rules in our words and in its own.

Gauges, counters, histograms and reachability, each family read by about two rules; but for the breach of the first
family nothing fires. Conditions about events and anomalies are left out, since Prometheus has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

RULES = 200
COUNTERS, HISTOGRAMS, UPSTREAMS = (
    range(60, 80),
    range(80, 95),
    range(95, 100),
)  # families; those before are gauges
GAUGES = range(60)
BOUNDS = ("0.1", "1", "10", "+Inf")
OVER = "5m"
_AVERAGE = f"avg_over_time({{}}[{OVER}])"
_GROUP = "sum by (gateway, upstream)"
_BURNS = 'sum by (gateway) (rate({}{handler=~".*1"}[OVER])) / sum by (gateway) (rate({}[OVER])) > TIMES'


class Mapped(NamedTuple):
    """A condition in our words and in Prometheus's; `{}` is the name of its family, one of `families`."""

    families: range
    ours: Mapping[str, Any]
    theirs: str


def _windowed(function: str, theirs: str, families: range = GAUGES, **more: Any) -> Mapped:
    """A function of a window, above what it will never be."""
    return Mapped(families, {function: "{}", "over": OVER, "above": 1e9, **more}, f"{theirs} > 1e9")


def _burning(over: str, times: float) -> str:
    return _BURNS.replace("OVER", over).replace("TIMES", str(times / 2))


def _burns() -> str:
    pairs = (("1h", "5m", 14.4), ("6h", "30m", 6.0), ("3d", "6h", 1.0))
    return " or ".join(
        f"({_burning(long, times)} and {_burning(short, times)})" for long, short, times in pairs
    )


MIX = (
    Mapped(GAUGES, {"last": "{}", "above": 90.0}, "{} > 90"),
    Mapped(GAUGES, {"last": "{}", "at_or_below": -1.0}, "{} <= -1"),
    Mapped(GAUGES, {"last": "{}", "equals": 500.0}, "{} == 500"),
    Mapped(GAUGES, {"last": "{}", "inside": [200, 300]}, "{} >= 200 <= 300"),
    Mapped(GAUGES, {"last": "{}", "outside": [-10, 200]}, "{} < -10 or {} > 200"),
    _windowed("avg", _AVERAGE),
    _windowed("min", f"min_over_time({{}}[{OVER}])"),
    _windowed("max", f"max_over_time({{}}[{OVER}])"),
    _windowed("count", f"count_over_time({{}}[{OVER}])"),
    _windowed("sum", f"{_GROUP} (sum_over_time({{}}[{OVER}]))", by=["gateway", "upstream"]),
    _windowed("delta", f"delta({{}}[{OVER}])"),
    _windowed("changes", f"changes({{}}[{OVER}])"),
    _windowed("stddev", f"stddev_over_time({{}}[{OVER}])"),
    Mapped(
        GAUGES, {"quantile": "0.9 of {}", "over": OVER, "above": 1e9}, f"quantile_over_time(0.9, {{}}[{OVER}]) > 1e9"
    ),
    Mapped(
        GAUGES, {"avg": "{}", "over": OVER, "compared_to": "1h", "above": "1000%"},
        f"({_AVERAGE} / avg_over_time({{}}[{OVER}] offset 1h) - 1) * 100 > 1000",
    ),
    _windowed("rate", f"rate({{}}[{OVER}])", COUNTERS),
    _windowed("increase", f"sum by (gateway) (increase({{}}[{OVER}]))", COUNTERS, by=["gateway"]),
    Mapped(
        COUNTERS, {"ratio": "{} / {}", "over": OVER, "by": ["gateway", "upstream"], "above": 2.0},
        f"{_GROUP} (increase({{}}[{OVER}])) / {_GROUP} (increase({{}}[{OVER}])) > 2",
    ),
    Mapped(
        COUNTERS, {"burn_rate": '{}{handler=~".*1"} / {}', "objective": "50%", "by": ["gateway"]}, _burns()
    ),
    Mapped(
        HISTOGRAMS, {"quantile": "0.9 of {}", "over": OVER, "above": 1e9},
        f"histogram_quantile(0.9, rate({{}}[{OVER}])) > 1e9",
    ),
    Mapped(UPSTREAMS, {"unreachable": "upstream"}, "upstream_up == 0"),
    Mapped(
        GAUGES, {"composite": "bench-000 and bench-022", "by": ["gateway"]},
        'ALERTS{alertname="bench-000",alertstate="firing"} and on (gateway) '
        'ALERTS{alertname="bench-022",alertstate="firing"}',
    ),
)  # fmt: skip


def metric(family: int) -> str:
    """The name of a family."""
    if family in COUNTERS:
        return f"bench_count_{family:02d}_total"
    if family in HISTOGRAMS:
        return f"bench_wait_{family:02d}_bucket"
    return "upstream_up" if family in UPSTREAMS else f"bench_gauge_{family:02d}"


def kind(family: int) -> str:
    """What Prometheus calls such a family."""
    return "counter" if family in COUNTERS or family in HISTOGRAMS else "gauge"


def series(family: int, n: int) -> str:
    """The text of the n-th series of a gateway."""
    if family in UPSTREAMS:
        return f'upstream_up{{upstream="up-{n}"}}'
    if family in HISTOGRAMS:
        bound, rest = BOUNDS[n % len(BOUNDS)], n // len(BOUNDS)
        return f'{metric(family)}{{handler="/v1/tools/{rest}",le="{bound}",upstream="up-{rest % 97}"}}'
    return f'{metric(family)}{{handler="/v1/tools/{n}",method="GET",upstream="up-{n % 97}"}}'


def value(family: int, n: int, turn: int, chance: float) -> float:
    """What it is at a turn; `chance`: from 0 to 1."""
    if family in UPSTREAMS:
        return 1.0
    if family in COUNTERS:
        return 1_000.0 + turn * (n % 7 + 1)
    if family in HISTOGRAMS:
        return (1_000.0 + turn) * (n % len(BOUNDS) + 1)
    return round(chance * 80, 3)


def mapped(number: int) -> tuple[dict[str, Any], str]:
    """A rule by its number: our document's condition and Prometheus's expression."""
    one = MIX[number % len(MIX)]
    family = one.families[number // len(MIX) % len(one.families)]
    if one.families is GAUGES:
        family = GAUGES[number % len(GAUGES)] if number else 0
    named = metric(family)
    ours = {key: of.replace("{}", named) if isinstance(of, str) else of for key, of in one.ours.items()}
    return ours, one.theirs.replace("{}", named)
