"""The load that both systems get: exposition texts of many gateways, and the rules that watch all of it.

Each gateway has 100 families of gauges, each family a rule: its value above 90 for ten seconds. The first
series of every fifth gateway is over that for half a minute, so that alerts travel while processor time is measured.
Rules of other shapes look at five minutes, by series or as a ratio by upstream; of those none fires.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.bench import mix

METRICS, TEXTS = 100, 12
MIXED = "all"  # the shape that has all conditions, over families of all kinds
LIMIT = 90.0
QUIET, LOUD = 50.0, 95.0
BREACH = (55.0, 85.0)  # seconds after the first scrape: in the middle of an account of 60 s
EVERY = 5  # one gateway in so many has a breach


class Shape(NamedTuple):
    """A kind of rule in our words and in Prometheus's; `{}` is its metric."""

    ours: Mapping[str, Any]
    theirs: str


_SUM = "sum by (gateway, upstream) (sum_over_time({}[5m]))"
SHAPES = {
    "last": Shape({"last": "{}"}, "{}"),
    "avg": Shape({"avg": "{}", "over": "5m"}, "avg_over_time({}[5m])"),
    "ratio": Shape({"ratio": "{} / {}", "by": ["gateway", "upstream"], "over": "5m"}, f"{_SUM} / {_SUM}"),
}


@dataclass(frozen=True)
class Load:
    """`gateways` with `series` each, all sampled once a second. `mixed`: families of all kinds, and not only gauges."""

    gateways: int = 50
    series: int = 2_000
    mixed: bool = False

    @property
    def rate(self) -> int:
        """Samples a second."""
        return self.gateways * self.series

    @property
    def breaches(self) -> int:
        """How many alerts fire in the middle."""
        return -(-self.gateways // EVERY)

    def tail(self, gateway: int, turn: int) -> bytes:
        """A gateway's exposition but for its first sample, whose value depends on the moment."""
        chance = random.Random(gateway * TEXTS + turn)
        lines = []
        for n in range(1, self.series):
            family = n * METRICS // self.series
            if n % (self.series // METRICS) == 0:
                lines.append(self._comments(family))
            lines.append(self._line(family, n, turn, chance.random()))
        return ("\n".join(lines) + "\n").encode()

    def _comments(self, family: int) -> str:
        metric, kind = (
            (mix.metric(family), mix.kind(family)) if self.mixed else (f"bench_gauge_{family:02d}", "gauge")
        )
        return f"# HELP {metric} One of many.\n# TYPE {metric} {kind}"

    def _line(self, family: int, n: int, turn: int, chance: float) -> str:
        if self.mixed:
            return f"{mix.series(family, n)} {mix.value(family, n, turn, chance)}"
        return f"{spelled(family, n)} {round(chance * 80, 3)}"


def name(gateway: int) -> str:
    """A gateway's name."""
    return f"bench-{gateway:02d}"


def spelled(family: int, n: int) -> str:
    """A series as its gateway spells it."""
    return f'bench_gauge_{family:02d}{{handler="/v1/tools/{n}",method="GET",upstream="up-{n % 97}"}}'


def head(gateway: int, elapsed: float) -> bytes:
    """The beginning of a gateway's exposition at a moment, in seconds after the first scrape."""
    loud = gateway % EVERY == 0 and BREACH[0] <= elapsed < BREACH[1]
    comments = "# HELP bench_gauge_00 The first.\n# TYPE bench_gauge_00 gauge\n"
    return f"{comments}{spelled(0, 0)} {LOUD if loud else QUIET}\n".encode()


def rules(shape: str = "last") -> list[dict[str, Any]]:
    """Our rules of a shape, as documents."""
    shared = {"for": "10s", "keep_firing_for": "0s", "severity": "critical"}
    if shape == MIXED:
        named = ((f"bench-{k:03d}", mix.mapped(k)[0]) for k in range(mix.RULES))
        return [{"name": name, **condition, **shared} for name, condition in named]
    return [rule(k, SHAPES[shape].ours) | shared for k in range(METRICS)]


def rule(family: int, condition: Mapping[str, Any]) -> dict[str, Any]:
    """The rule of one family; `{}` in the condition is its metric."""
    metric = f"bench_gauge_{family:02d}"
    filled = {key: of.replace("{}", metric) if isinstance(of, str) else of for key, of in condition.items()}
    return {"name": f"bench-{family:02d}", "above": LIMIT, **filled}


def expressions(shape: str) -> dict[str, str]:
    """Prometheus's rules of a shape: name → expression."""
    if shape == MIXED:
        return {f"bench-{k:03d}": mix.mapped(k)[1] for k in range(mix.RULES)}
    return {f"bench-{k:02d}": expression(k, shape) for k in range(METRICS)}


def expression(family: int, shape: str) -> str:
    """The same in Prometheus's words."""
    return f"{SHAPES[shape].theirs.replace('{}', f'bench_gauge_{family:02d}')} > {LIMIT}"
