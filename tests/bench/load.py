"""The load that both systems get: exposition texts of many gateways, and the rules that watch all of it.

Each gateway has 100 families of gauges, each family a rule: its value above 90 for ten seconds. The first
series of every fifth gateway is over that for half a minute, so that alerts travel while processor time is measured.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

METRICS, TEXTS = 100, 12
LIMIT = 90.0
QUIET, LOUD = 50.0, 95.0
BREACH = (55.0, 85.0)  # seconds after the first scrape: in the middle of an account of 60 s
EVERY = 5  # one gateway in so many has a breach


@dataclass(frozen=True)
class Load:
    """`gateways` with `series` each, all sampled once a second."""

    gateways: int = 50
    series: int = 2_000

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
                lines.append(
                    f"# HELP bench_gauge_{family:02d} One of many.\n# TYPE bench_gauge_{family:02d} gauge"
                )
            lines.append(f"{spelled(family, n)} {round(chance.random() * 80, 3)}")
        return ("\n".join(lines) + "\n").encode()


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


def rules() -> list[dict[str, Any]]:
    """Our rules, as documents."""
    shared = {"above": LIMIT, "for": "10s", "keep_firing_for": "0s", "severity": "critical"}
    return [{"name": f"bench-{k:02d}", "last": f"bench_gauge_{k:02d}"} | shared for k in range(METRICS)]
