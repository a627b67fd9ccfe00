"""docker-compose.yml on a container engine: how long until a sample is heard of, after each thing that happens to it.

Needs what `tests/deploy/composed.py` names. Seconds count from the command, or the kill, to the webhook of the first
sample that was sent after the command had returned, or the killed process had begun again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.bench.options import Options
from tests.deploy.composed import STAGES, Composed

KILLED = ("detect", "respond", "deliver", "sinks", "kafka")


def measure(options: Options) -> dict[str, Any]:
    """Seconds of each."""
    began = time.time()
    with Composed(options.folder) as product:
        found: dict[str, Any] = {"up_to_first_webhook_s": round(time.time() - began, 1)}
        found["sample_to_webhook_s"] = _usual(product)
        found["recreated"] = [
            _after(product, lambda: product.run("up", "--detach", "--no-deps", "--force-recreate", *STAGES))
            for _ in range(options.rounds)
        ]
        found["killed"] = {name: _killed(product, name) for name in KILLED}
        found["down_up"] = _after(product, product.down_and_up)
        return found


def _usual(product: Composed) -> list[float]:
    time.sleep(5)
    return sorted(round(came - sent, 2) for sent, came in product.heard().items())[:-1][-10::4]


def _after(product: Composed, do: Callable[[], object]) -> dict[str, float]:
    began = time.time()
    do()
    returned = time.time()
    heard = product.heard_again(returned)
    waits = [came - sent for sent, came in product.heard().items() if sent >= began]
    return {
        "command_s": round(returned - began, 1),
        "heard_again_s": round(heard - began, 1),
        "longest_wait_s": round(max(waits), 1),
    }


def _killed(product: Composed, name: str) -> float:
    began = time.time()
    product.kill(name)
    return round(product.heard_again(time.time()) - began, 1)
