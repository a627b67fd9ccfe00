"""Part after part dies or hangs: how long until a word comes without Kafka, and until the one that all is well.

Canaries fly every ten seconds and are missed after twenty. Each fault has a watch of its own, since words are held
back after the first.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from deploy.ports import free_port
from tests.acceptance.product import Receiver, until
from tests.bench.options import Options
from tests.bench.ours import Ours

LATE, PATIENCE, NOTICED = 20, 240.0, 15.0  # seconds
FLOWN = r'"canaries fly"'


def measure(options: Options) -> dict[str, Any]:
    """By fault: seconds to the word and to its end, and how many words there were."""
    receiver, port = Receiver(), free_port()
    more = {
        "TOCSIN_CANARY": "10s", "TOCSIN_CANARY_LATE": f"{LATE}s", "TOCSIN_CANARY_LISTEN": f"127.0.0.1:{port}",
        "TOCSIN_CANARY_WEBHOOK_URL": receiver.address, "TOCSIN_ALLOW_PRIVATE_WEBHOOKS": "true",
    }  # fmt: skip
    try:
        with Ours(options.folder, free_port(), more) as ours:
            return {
                name: _fault(options.folder, ours, receiver, *fault) for name, fault in faults(ours).items()
            }
    finally:
        receiver.close()


def faults(ours: Ours) -> dict[str, tuple[Callable[[], object], Callable[[], None]]]:
    """By name, what breaks something and what mends it."""
    again = partial(_again, ours)
    killed: dict[str, tuple[Callable[[], object], Callable[[], None]]] = {
        name: (partial(_kill, ours, name), again) for name in ("detect", "respond")
    }
    hangs = partial(ours.processes["webhook"].signal, signal.SIGSTOP)
    freezes = partial(_freeze, ours)
    return killed | {
        "webhook hangs": (hangs, again), "broker": (ours.broker.kill, again), "broker hangs": (freezes, again)
    }  # fmt: skip


def _freeze(ours: Ours) -> None:
    assert ours.broker.pid
    os.kill(ours.broker.pid, signal.SIGSTOP)


def _kill(ours: Ours, name: str) -> None:
    ours.processes[name].signal(signal.SIGKILL)
    ours.processes[name].wait()


def _again(ours: Ours) -> None:
    """What hangs goes on, and what has ended is started again, as a supervisor does; Kafka first."""
    if ours.broker.pid is None or not Path(f"/proc/{ours.broker.pid}").exists():
        ours.broker.start()
    assert ours.broker.pid
    os.kill(ours.broker.pid, signal.SIGCONT)
    for process in ours.processes.values():
        process.signal(signal.SIGCONT)
    end = time.monotonic() + NOTICED
    while time.monotonic() < end:  # whoever stood still, or lost Kafka, notices it, and ends
        for process in ours.processes.values():
            if process.exit_code is not None:
                process.start()
        time.sleep(0.5)


def _fault(
    folder: Path, ours: Ours, receiver: Receiver, breaks: Callable[[], object], mends: Callable[[], None]
) -> dict[str, Any]:
    """One fault, under the eyes of a new watch that has seen canaries arrive."""
    receiver.got.clear()
    watch = ours.run("canary", "sinks", "canary")
    watch.until(FLOWN)
    time.sleep(LATE)
    breaks()
    began = time.monotonic()
    until(lambda: receiver.got, PATIENCE)
    lost = time.monotonic() - began
    mended = time.monotonic()
    mends()
    until(lambda: len(receiver.got) > 1, PATIENCE)
    back = time.monotonic() - mended
    watch.end()
    (folder / "state" / "canary.json").unlink(missing_ok=True)
    told = [(body["what"], body["title"]) for body in receiver.got]
    return {"word_s": round(lost, 1), "well_again_s": round(back, 1), "words": told}
