"""`tocsin apply` of ten thousand rules on the whole product, and how long others wait for the list of alerts meanwhile.

Everything runs as `tocsin up` runs it, on the embedded Kafka; the rules lie in files of a thousand each.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from tests.acceptance.product import Product, until
from tests.bench.options import Options

RULES, TEAMS, METRICS, ALERTS = 10_000, 40, 200, 50
FILE = 1_000  # rules of one file
PAUSE = 0.05  # seconds between two looks at the list
RULE = "- {name: r%d, team: team-%d, last: 'metric_%d{upstream=\"u%d\"}', above: %d, for: 1m}\n"


def measure(options: Options) -> dict[str, Any]:
    """Seconds of the command, and milliseconds of the list before and meanwhile."""
    options.folder.mkdir(parents=True, exist_ok=True)
    rules = written(options.folder / "rules")
    product = Product(options.folder)
    product.start()
    try:
        with product.client() as client:
            for number in range(ALERTS):
                _raise(client, number)
            before = Looks(client)
            before.for_seconds(5.0)
            meanwhile = Looks(client)
            with meanwhile:
                seconds, said = _applied(product, rules)
            count = len(client.get("/v1/rules", params={"team": "team-1"}, timeout=60).json()["items"])
            lag = until(lambda: _level(client))
    finally:
        product.stop()
    return {
        "rules": RULES, "apply_s": round(seconds, 1), "said": said.splitlines()[-1:], "rules_of_one_team": count,
        "list_before_ms": before.figures(), "list_meanwhile_ms": meanwhile.figures(), "level_again": lag,
        "restarts": _restarts(options.folder / "up.log"), "load": os.getloadavg()[0],
    }  # fmt: skip


def written(folder: Path, rules: int = RULES) -> Path:
    """The files of the rules."""
    folder.mkdir()
    for first in range(0, rules, FILE):
        numbers = range(first, min(rules, first + FILE))
        lines = [RULE % (n, n % TEAMS, n % METRICS, n, n % 90 + 1) for n in numbers]
        (folder / f"rules-{first:05}.yaml").write_text("rules:\n" + "".join(lines))
    return folder


def _raise(client: httpx.Client, number: int) -> None:
    body = {"source": f"s{number}", "title": f"apply {number}", "severity": "warning", "team": "team-1"}
    client.post("/v1/alerts", json=body | {"dedup_key": str(number)}).raise_for_status()


def _applied(product: Product, rules: Path) -> tuple[float, str]:
    began = time.perf_counter()
    done = product.tocsin("apply", str(rules), "--yes")
    if done.code:
        raise RuntimeError(done.text[-2_000:])
    return time.perf_counter() - began, done.text


def _level(client: httpx.Client) -> str:
    answer = client.get("/health/lag").json()
    return str(answer["status"]) if answer["status"] == "ok" else ""


def _restarts(log: Path) -> int:
    """How many processes the supervisor has started again."""
    return sum("started again" in line or "ended" in line for line in log.read_text().splitlines())


class Looks:
    """Looks at the list of alerts, one after the other, while a block runs."""

    def __init__(self, client: httpx.Client) -> None:
        """`client`: of somebody else than who applies."""
        self._client, self._over = client, threading.Event()
        self._taken: list[float] = []
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Looks:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """The last look is waited for."""
        self._over.set()
        self._thread.join()

    def for_seconds(self, seconds: float) -> None:
        """Look for so long."""
        with self:
            time.sleep(seconds)

    def _look(self) -> None:
        while not self._over.wait(PAUSE):
            began = time.perf_counter()
            self._client.get("/v1/alerts", params={"limit": 50}).raise_for_status()
            self._taken.append(time.perf_counter() - began)

    def figures(self) -> dict[str, float]:
        """How many, the middle, what nineteen of twenty were quicker than, and the longest."""
        taken = sorted(self._taken)
        figures = {"p50": statistics.median(taken), "p95": taken[int(len(taken) * 0.95)], "max": taken[-1]}
        return {"looks": len(taken)} | {name: round(value * 1e3, 1) for name, value in figures.items()}
