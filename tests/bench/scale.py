"""What a sample costs the detect machine alone, from a thousand series to three hundred thousand: µs, and the ratios.

The same rules throughout, and gateways of a thousand series each; only how many there are differs.
"""

from __future__ import annotations

import time
from typing import Any

from tests.bench.load import MIXED, SHAPES, Load, rules
from tests.bench.machine import bridges, configured, second
from tests.bench.options import Options

SERIES, COUNTS = 1_000, (1, 10, 100, 300)  # of a gateway; gateways
ROUNDS = 200  # of one gateway; more gateways need fewer to be as many samples
TURNS = 4  # texts that differ; the first tell lists of series, and are not counted


def measure(options: Options) -> dict[str, Any]:
    """By shape of the rules and number of series."""
    return {shape: _shape(shape) for shape in (*SHAPES, MIXED) if options.rules in (shape, MIXED)}


def _shape(shape: str) -> dict[str, Any]:
    costs = {gateways * SERIES: _cost(Load(gateways, SERIES, shape == MIXED), shape) for gateways in COUNTS}
    found: dict[str, Any] = {str(series): round(cost, 3) for series, cost in costs.items()}
    least = min(costs.values())
    return found | {"most_to_least": round(max(costs.values()) / least, 2)}


def _cost(load: Load, shape: str) -> float:
    """µs a sample, the least of some rounds over all gateways."""
    makers = bridges(load)
    frames = [second(load, turn, makers) for turn in range(TURNS)]
    log, spent = configured(rules(shape)), []
    for number in range(max(TURNS + 4, ROUNDS // load.gateways)):
        began = time.process_time()
        for raw in frames[number if number < TURNS else number % (TURNS - 1) + 1]:
            log.put(raw)
        spent.append(time.process_time() - began)
        log.pass_second()
    return min(spent[TURNS:]) / load.rate * 1e6
