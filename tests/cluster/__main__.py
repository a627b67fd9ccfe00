"""`python -m tests.cluster [NAME…]`: scenarios of people and alerts on Kafka, each stage killed in between.

What is told, to whom and when has to be what the World tells that nobody disturbs, and each log what its machine says
byte for byte. Prints one JSON object; exit code 0 where all of that holds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from streams.timetable import Timetable
from tables.scenario import Play, unmet
from tables.stages import STAGES
from tests.chaos.ground import Ground
from tests.chaos.verdict import judge
from tests.cluster.cluster import Cluster
from tests.cluster.conftest import clear, grounded, make
from tests.cluster.scenario_file import read, words

# At least one for each: people, routing, escalation, on call, what people do, maintenance, inhibition, notifications,
# politeness, codes.
NAMES = (
    "people-by-address", "routes-nested", "policy-edited-mid-way", "escalation-override-critical",
    "override-beside-a-schedule", "on-call-nobody", "acknowledged-group-joined", "snooze-ends",
    "silence-from-an-alert", "silence-ends-while-firing", "maintenance-once", "inhibition", "resolved-to-who-heard",
    "contact-later-goes-at-once", "endpoint-fails", "codes-of-decisions",
)  # fmt: skip


PAUSE = 4.0  # seconds: a session lasts two


class Disturbed(Cluster):
    """Each stage is killed once and started again, and respond stands still once, a fifth of the timetable apart."""

    length = 0  # ms of the timetable

    def _tick(self) -> None:
        self.ticks = getattr(self, "ticks", -1) + 1
        fifth = max(1, self.length // 5_000)
        if self.ticks % fifth == 0 and 0 < (number := self.ticks // fifth) <= len(STAGES) + 1:
            if number <= len(STAGES):
                self.crash(list(STAGES)[number - 1])
            else:
                self.pause("respond", PAUSE)
        super()._tick()


def played(name: str, ground: Ground) -> dict[str, Any]:
    """What became of one scenario: what does not hold, in words."""
    table, began = read(name), time.monotonic()
    kind = type(f"Disturbed_{name}", (Disturbed,), {"length": table.until})
    made: list[Cluster] = []

    def world(*arguments: Any) -> Cluster:
        made.append(kind(ground, *arguments))
        return made[-1]

    try:
        wrong = _wrong(table, Play(table, world), made, ground)
    except AssertionError as why:
        wrong = [str(why)]
    finally:
        for cluster in made:
            cluster.close()
    restarts = sum(cluster.restarts for cluster in made)
    return {"wrong": wrong, "restarts": restarts, "seconds": round(time.monotonic() - began, 1)}


def _wrong(table: Timetable, play: Play, made: list[Cluster], ground: Ground) -> list[str]:
    timeline = play.run()
    wrong = [why for expectation in table.expect if (why := unmet(expectation, timeline))]
    undisturbed = Play(table).run()
    if words(timeline) != words(undisturbed):
        ours, theirs = set(words(timeline)), set(words(undisturbed))
        wrong.append(
            f"only here: {sorted(ours - theirs)[:3]}; only in the World: {sorted(theirs - ours)[:3]}"
        )
    codes = made[0].end()
    if codes != [0, 0, 0]:
        wrong.append(f"ended with {codes}")
    verdict = judge(asyncio.run(ground.dumps()), ground.signer, STAGES, made[0].ledger)
    faults = {stage: said["faults"] for stage, said in verdict["stages"].items() if said["faults"]}
    if verdict["missing"] or verdict["unexplained"] or faults:
        wrong.append(f"missing {verdict['missing']}, unexplained {verdict['unexplained']}, faults {faults}")
    return wrong


def main(names: list[str]) -> int:
    """Play what was named, else all."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, grounded(Path(folder)) as ground:
        for name in names or NAMES:
            asyncio.run(make(ground))
            found[name] = played(name, ground)
            asyncio.run(clear(ground))
            print(f"{name}: {found[name]}", file=sys.stderr, flush=True)
    print(json.dumps(found, indent=1))
    return int(any(one["wrong"] for one in found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
