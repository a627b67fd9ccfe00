"""`python -m tests.chaos`: disturb a running system at random, then compare all that it left with the World.

Prints one JSON object a round; exit code 0 when the law held in all of them. Loopback only; everything lies in one
folder; every process is ended by its own id. Without a choice, the product is disturbed once with static and once
with dynamic membership. An interrupted run goes on with the first round that it has not finished; what a round
that held has left is deleted. `--soak` goes on for hours, and the next time with the seeds that follow.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.chaos.ground import Ground
from tests.chaos.kind import KINDS
from tests.chaos.run import chaos


class Round(NamedTuple):
    """What is disturbed, with which membership, how long and how often at least, from which seed, on how many logs.

    `brokers`: how many of them one Kafka is.
    """

    what: str
    how: str
    seconds: float
    least: int
    seed: int
    partitions: int
    brokers: int


def rounds(words: argparse.Namespace) -> Iterator[Round]:
    """The rounds that were asked for; a soak has no end of its own."""
    seeds = itertools.count(words.seed) if words.soak else range(words.seed, words.seed + words.rounds)
    what = "tally" if words.tally else "product"
    for seed in seeds:
        for how in [word for word in ("static", "dynamic") if getattr(words, word)] or ["static", "dynamic"]:
            yield Round(what, how, words.seconds, words.least, seed, words.partitions, words.brokers)


def play(base: Path, one: Round) -> tuple[dict[str, Any], bool]:
    """Play one round in its own folder, if it was not played before; what it brought, and whether it was played now."""
    folder = base / "-".join(str(part) for part in one)
    done = folder / "result.json"
    if done.exists():
        return dict(json.loads(done.read_text())), False
    folder.mkdir(parents=True, exist_ok=True)
    options = {"TOCSIN_STATIC_MEMBERSHIP": "yes" if one.how == "static" else "no"}
    ground = Ground(folder / f"run-{time.time_ns()}", one.partitions, options, one.brokers).start()
    try:
        result = asyncio.run(chaos(ground, KINDS[one.what](), one.seconds, one.least, one.seed))
    finally:
        ground.broker.stop()
    if result["holds"]:
        shutil.rmtree(ground.folder)
    done.write_text(json.dumps(one._asdict() | result))
    return dict(json.loads(done.read_text())), True


def words() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=240, help="of disturbance in a round, at least")
    parser.add_argument(
        "--least", type=int, default=60, help="disruptions, within four times as many seconds"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument(
        "--brokers", type=int, default=1, choices=(1, 3, 5), help="each is killed and restarted in turn"
    )
    parser.add_argument("--static", action="store_true")
    parser.add_argument("--dynamic", action="store_true")
    parser.add_argument(
        "--tally", action="store_true", help="the shell alone, with the tests' small machines"
    )
    parser.add_argument("--folder", type=Path, help="of logs and results; tocsin-data/chaos or /soak")
    parser.add_argument("--soak", action="store_true", help="round after round, for --hours")
    parser.add_argument("--hours", type=float, default=8)
    return parser.parse_args()


def main() -> int:
    """Play the rounds and print what each brought."""
    asked, began, held = words(), time.monotonic(), True
    base = (asked.folder or Path("tocsin-data", "soak" if asked.soak else "chaos")).resolve()
    for one in itertools.takewhile(lambda _: time.monotonic() - began < asked.hours * 3_600, rounds(asked)):
        result, now = play(base, one)
        held &= bool(result["holds"])
        if now or not asked.soak:
            print(json.dumps(result), flush=True)
    if not asked.soak:  # it came to its end: the next one begins anew
        for result_file in base.glob("*/result.json"):
            result_file.rename(result_file.with_name("last.json"))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
