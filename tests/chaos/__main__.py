"""`python -m tests.chaos`: disturb a running system at random, then compare all that it left with the World.

Prints one JSON object a round; exit code 0 when the law held in all of them. Loopback only; everything lies in one
folder; every process is ended by its own id. Without a choice, the product is disturbed once with static and once
with dynamic membership. Given a folder, an interrupted run goes on where it stopped. `--soak` goes on for hours.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.chaos.ground import Ground
from tests.chaos.kind import KINDS
from tests.chaos.run import chaos


class Round(NamedTuple):
    """What is disturbed, how workers belong to their groups, for how long, from which seed, on how many logs."""

    what: str
    how: str
    seconds: float
    seed: int
    partitions: int


def rounds(words: argparse.Namespace) -> Iterator[Round]:
    """The rounds that were asked for; a soak has no end of its own."""
    seeds = itertools.count(words.seed) if words.soak else range(words.seed, words.seed + words.rounds)
    for seed in seeds:
        for how in [word for word in ("static", "dynamic") if getattr(words, word)] or ["static", "dynamic"]:
            yield Round("tally" if words.tally else "product", how, words.seconds, seed, words.partitions)


def play(base: Path, one: Round) -> dict[str, Any]:
    """Play one round in its own folder; a finished one is not played again."""
    folder = base / "-".join(str(part) for part in one)
    done = folder / "result.json"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        options = {"TOCSIN_STATIC_MEMBERSHIP": "yes" if one.how == "static" else "no"}
        ground = Ground(folder / f"run-{time.time_ns()}", one.partitions, options).start()
        try:
            result = asyncio.run(chaos(ground, KINDS[one.what](), one.seconds, one.seed))
        finally:
            ground.broker.stop()
        done.write_text(json.dumps(one._asdict() | result))
    return dict(json.loads(done.read_text()))


def main() -> int:
    """Play the rounds and print what each brought."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=240, help="of disturbance in a round")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--static", action="store_true")
    parser.add_argument("--dynamic", action="store_true")
    parser.add_argument(
        "--tally", action="store_true", help="the shell alone, with the tests' small machines"
    )
    parser.add_argument("--folder", type=Path, help="keeps logs and results; by default a temporary one")
    parser.add_argument("--soak", action="store_true", help="round after round, for --hours")
    parser.add_argument("--hours", type=float, default=8)
    words = parser.parse_args()
    end = time.monotonic() + words.hours * 3_600
    held = True
    with tempfile.TemporaryDirectory() as temporary:
        base = words.folder or Path("tocsin-data/soak" if words.soak else temporary)
        for one in itertools.takewhile(lambda _: time.monotonic() < end, rounds(words)):
            result = play(base, one)
            held &= bool(result["holds"])
            print(json.dumps(result), flush=True)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
