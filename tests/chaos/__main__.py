"""`python -m tests.chaos`: disturb a running system at random, then compare all that it left with the World.

Prints one JSON object; exit code 0 when the law holds. Loopback only; everything lies in one folder; every
process is ended by its own id. `--rounds` runs that many times `--seconds`, each with the next seed, and a run
that was interrupted goes on where it stopped when it is given the same folder.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.topics import STAGES
from tables.machine import Machine
from tests.agents.tally import MACHINES
from tests.chaos.attempts import calls
from tests.chaos.ground import Ground
from tests.chaos.load import Load
from tests.chaos.process import Process
from tests.chaos.product import ProductLoad
from tests.chaos.verdict import Ledger, judge
from tests.chaos.wreck import Wreck

SLOTS = "ab"


@dataclass(frozen=True)
class Kind:
    """What is disturbed: its machines, its load, and the command of each of its processes."""

    machines: Mapping[str, type[Machine]]
    load: Callable[[Ground, Ledger, int], Load | ProductLoad]
    commands: Mapping[str, Sequence[str]]


def tally() -> Kind:
    """The shell alone, with small machines."""
    return Kind(MACHINES, Load, {stage: ("tests.chaos.worker", stage, "tally") for stage in MACHINES})


def product() -> Kind:
    """The product's own stages and a sink, started as an installation starts them."""
    from tables import stages

    return Kind(stages.STAGES, ProductLoad, {stage: ("agents", stage) for stage in STAGES} | {"log": ("sinks", "log")})


async def chaos(ground: Ground, kind: Kind, seconds: float, seed: int) -> dict[str, Any]:
    """One run on a started ground: two processes of each, load, disruptions, quiet, verdict."""
    ledger: Ledger = {}
    over = asyncio.Event()
    logs = ground.folder / "log"
    processes = [Process(f"{name}-{slot}", logs, ground.environment, *words) for name, words in kind.commands.items() for slot in SLOTS]
    load, wreck = kind.load(ground, ledger, seed), Wreck(processes, ground.broker, seed)
    feeding = asyncio.create_task(load.run(over.is_set))
    began = time.monotonic()
    inputs = {stage: STAGES[stage] for stage in kind.machines}
    bound = 25 * ground.partitions * len(inputs)  # ticks of some seconds are always under way

    async def caught_up() -> bool:
        return await ground.behind(inputs) < bound

    try:
        await wreck.calm(wreck.ready)
        await wreck.run(seconds)
        await wreck.calm(caught_up)
        over.set()
        await feeding
        await wreck.calm(caught_up)
    finally:
        codes = await asyncio.gather(*(asyncio.to_thread(process.end) for process in processes))
    verdict = await judge(ground, kind.machines, ledger)
    if "log" in kind.commands:
        verdict["sinks"] = found = await calls(ground, logs)
        verdict["holds"] &= not found["unheard"] and not found["invented"] and found["attempts"] > 0
    return verdict | _circumstances(wreck, load, verdict, seed, time.monotonic() - began) | {"ended": codes}


def _circumstances(wreck: Wreck, load: Load | ProductLoad, verdict: Mapping[str, Any], seed: int, took: float) -> dict[str, Any]:
    duplicates = sum(stage["duplicates"] for stage in verdict["stages"].values())
    return {
        "seed": seed,
        "seconds": round(took),
        "sent": load.sent,
        "failed": load.failed,
        "disruptions": wreck.disruptions,
        "deeds": dict(wreck.tally),
        "duplicates_per_disruption": round(duplicates / max(1, wreck.disruptions), 2),
    }


def one(folder: Path, arguments: argparse.Namespace, seed: int) -> dict[str, Any]:
    """One round in its own folder; a finished one is not run again."""
    done = folder / "result.json"
    if done.exists():
        return dict(json.loads(done.read_text()))
    options = {"TOCSIN_STATIC_MEMBERSHIP": "no" if arguments.dynamic else "yes"}
    ground = Ground(folder / f"run-{time.time_ns()}", arguments.partitions, options)
    ground.start()
    try:
        result = asyncio.run(chaos(ground, tally() if arguments.tally else product(), arguments.seconds, seed)) | {"static": not arguments.dynamic}
    finally:
        ground.broker.stop()
    done.write_text(json.dumps(result))
    return result


def main() -> int:
    """Run the rounds and print what they brought."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--dynamic", action="store_true")
    parser.add_argument("--static", action="store_true", help="the default")
    parser.add_argument("--tally", action="store_true", help="the shell alone, with the tests' small machines")
    parser.add_argument("--folder", type=Path, help="keeps logs and results; by default a temporary one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        base = arguments.folder or Path(temporary)
        results = []
        for seed in range(arguments.seed, arguments.seed + arguments.rounds):
            name = f"{'tally' if arguments.tally else 'product'}-{'dynamic' if arguments.dynamic else 'static'}-{arguments.seconds:g}-{seed}"
            (base / name).mkdir(parents=True, exist_ok=True)
            results.append(one(base / name, arguments, seed))
            print(json.dumps(results[-1]), flush=True)
    return 0 if all(result["holds"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
