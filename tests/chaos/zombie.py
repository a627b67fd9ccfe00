"""Four owners of one log, in the order that hurts: `python -m tests.chaos.zombie early|late|off`.

Z pauses itself after its outputs and before its rows. N is assigned, recovers an older state and holds its first
write-out. Z wakes and finishes its own, unless it is fenced. N writes its most downstream level and dies. M takes
over and goes on. With the fence in its place the law holds; with the fence late or off, rows are wrong.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.agents.tally import MACHINES
from tests.chaos.ground import Ground
from tests.chaos.load import Load
from tests.chaos.process import Process
from tests.chaos.verdict import Ledger, judge

OPTIONS = {"TOCSIN_STATIC_MEMBERSHIP": "no", "TOCSIN_SESSION": "2s", "TOCSIN_WRITE_OUT_DETECT": "3s"}
QUICK = {"group.min.session.timeout.ms": "1000"}


class Story:
    """The four owners, of the stage `detect`. `fence`: early, late or off, for all of them."""

    def __init__(self, ground: Ground, fence: str) -> None:
        """`ground` has been started."""
        self._ground, self._fence = ground, fence
        self._release = ground.folder / "release"
        self.workers: list[Process] = []

    async def tell(self) -> dict[str, Any]:
        """Play it, and judge what is left."""
        ledger: Ledger = {}
        over = asyncio.Event()
        feeding = asyncio.create_task(Load(self._ground, ledger, 1, pause=0.005).run(over.is_set))
        try:
            told = await asyncio.to_thread(self._play)
            over.set()
            await feeding
            await asyncio.sleep(4)
            ended = await asyncio.to_thread(self.workers[-1].end)
        finally:
            for worker in self.workers:
                worker.signal(signal.SIGKILL)
        dumps = await self._ground.dumps()
        verdict = judge(dumps, self._ground.signer, {"detect": MACHINES["detect"]}, ledger)
        return {"fence": self._fence, "ended": ended} | told | verdict

    def _play(self) -> dict[str, Any]:
        z = self._worker("z", "stop", self._fence)
        partition, at_z = z.until(r"STOPPED (\d+) at (\d+)").groups()
        n = self._worker("n", "hold", self._fence, partition, str(self._release))
        _, at_n, downstream = n.until(r"HOLDING (\d+) at (\d+) with (\d+)").groups()
        z.signal(signal.SIGCONT)
        z_exit = z.wait()
        self._release.touch()
        n_exit = n.wait()
        m = self._worker("m", "none", self._fence)
        m.until(r'"owned"')
        m.until(r'"owned"')
        return {
            "z": int(at_z),
            "n": int(at_n),
            "downstream": int(downstream),
            "z_exit": z_exit,
            "n_exit": n_exit,
        }

    def _worker(self, slot: str, *fault: str) -> Process:
        worker = Process(
            f"detect-{slot}",
            self._ground.folder / "log",
            self._ground.environment,
            "tests.chaos.worker",
            "detect",
            "tally",
            *fault,
        )
        self.workers.append(worker)
        return worker


def play(folder: Path, fence: str) -> dict[str, Any]:
    """The whole story on a Kafka of its own."""
    ground = Ground(folder, partitions=2, options=OPTIONS)
    ground.broker.settings = QUICK
    ground.start()
    try:
        return asyncio.run(Story(ground, fence).tell())
    finally:
        ground.broker.stop()


def main() -> int:
    """Play it once; exit code 0 when the law holds, which it must not with the fence late or off."""
    with tempfile.TemporaryDirectory() as folder:
        told = play(Path(folder), sys.argv[1])
    sys.stdout.write(json.dumps(told) + "\n")
    return 0 if told["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
