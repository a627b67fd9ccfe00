"""Accounts of processor time and memory, as the kernel keeps them (proc(5))."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TICK = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count() or 1


def spent(pid: int) -> float:
    """Seconds of processor time of a process, all its threads included, those that have ended too."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def busy() -> tuple[float, float]:
    """Seconds that all cores together were busy since the start, and those that another guest of the host took."""
    user, nice, system, _, _, irq, soft, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + soft + steal) / TICK, steal / TICK


def memory(pid: int) -> dict[str, float]:
    """Resident, proportional and peak resident memory in MB (10⁶ bytes)."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    status = Path(f"/proc/{pid}/status").read_text()
    words = {line.partition(":")[0]: line.split() for line in (rollup + status).splitlines()}
    named = {"rss": "Rss", "pss": "Pss", "peak": "VmHWM"}
    return {name: round(int(words[word][1]) * 1_024 / 1e6, 1) for name, word in named.items()}


class Account:
    """What some processes spend in a while, beside what the rest of the machine does."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        """`pids`: by name; the account begins now."""
        self._pids, self._began = pids, time.monotonic()
        self._before = {name: spent(pid) for name, pid in pids.items()}
        self._machine = busy()

    def close(self, samples: int, apart: float = 0.0) -> dict[str, Any]:
        """µs a sample by process and in total, and how noisy it was.

        `apart`: seconds that processes of the benchmark spent that are not in the account.
        """
        took = time.monotonic() - self._began
        used = {name: spent(pid) - self._before[name] for name, pid in self._pids.items()}
        ran, stolen = (now - then for now, then in zip(busy(), self._machine, strict=True))
        total = sum(used.values())
        return {
            "seconds": round(took, 2),
            "us_per_sample": {name: round(one / samples * 1e6, 3) for name, one in used.items()},
            "total": round(total / samples * 1e6, 3),
            "noise": {
                "others_cores": round(max(0.0, ran - total - apart) / took, 2),
                "stolen_cores": round(stolen / took, 2),
                "idle_share": round(max(0.0, 1 - ran / took / CORES), 2),
            },
        }
