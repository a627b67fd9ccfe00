"""One process of a run: started, disturbed and ended by its own process id."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
UP = r'"(owned|fenced|started)"|following the registry|Uvicorn running'  # what processes say once they work


class Process:
    """`python -m …` with its own slot and log; it runs at once."""

    def __init__(self, name: str, folder: Path, environment: Mapping[str, str], *words: str) -> None:
        """`name`: kind and slot, as in `detect-a`; `words`: the module and its arguments."""
        self.name, self.kind, self.log = name, name.rpartition("-")[0], folder / f"{name}.log"
        self._command = [sys.executable, "-m", *words]
        self._environment = {
            **os.environ,
            **environment,
            "TOCSIN_SLOT": name.rpartition("-")[2],
            "PYTHONPATH": str(ROOT),
        }
        self.start()

    def start(self) -> None:
        """Start, or start again."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.started = time.time()
        self.begin = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    @property
    def up(self) -> bool:
        """Whether it runs and has said that it works."""
        return self.exit_code is None and self.said(UP) is not None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal if it runs."""
        if self.exit_code is None:
            self._process.send_signal(number)

    def end(self, grace: float = 20.0) -> int:
        """SIGTERM, then SIGKILL; the exit code."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def said(self, pattern: str) -> re.Match[str] | None:
        """The last match in what it has logged since its start."""
        text = self.log.read_bytes()[self.begin :].decode(errors="replace")
        found = list(re.finditer(pattern, text))
        return found[-1] if found else None

    def until(self, pattern: str, limit: float = PATIENCE) -> re.Match[str]:
        """Wait until it has logged a match."""
        end = time.monotonic() + limit
        while (found := self.said(pattern)) is None:
            assert time.monotonic() < end, (
                f"{self.name} never said {pattern}; its log ends: {self.log.read_text()[-600:]}"
            )
            time.sleep(0.05)
        return found

    def wait(self, limit: float = PATIENCE) -> int:
        """Wait until it has ended by itself; the exit code."""
        return self._process.wait(limit)
