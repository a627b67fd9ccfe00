"""One child process: in a group of its own, on a leash, its output in a file; ended first kindly, then for sure."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")

# The kernel's leash follows the *thread* that forked, not the process. All children are forked by this one thread,
# which lives as long as the program; a pool of short-lived threads would otherwise take its children with it.
_FORKER = ThreadPoolExecutor(1, thread_name_prefix="forker")


def leashed(argv: Sequence[str], parting: signal.Signals) -> list[str]:
    """The same command, which the kernel ends with the `parting` signal when this process dies."""
    python = sys.executable
    return [python, "-I", "-S", str(LEASH), str(int(parting)), str(os.getpid()), *argv]


@dataclass
class Process:
    """A command and, while it runs, its process."""

    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    inherit: tuple[int, ...] = ()
    parting: signal.Signals = signal.SIGKILL
    _child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run the command; what it prints is appended to the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._child = _FORKER.submit(self._fork, log.fileno()).result()

    def _fork(self, log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            leashed(self.argv, self.parting),
            env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=self.inherit,
            start_new_session=True,
        )

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._child.pid if self._child and self.exit_code is None else None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs or before it was started."""
        return self._child.poll() if self._child else None

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit code once it has ended, or None after `timeout` seconds."""
        if self._child is None:
            return None
        with suppress(subprocess.TimeoutExpired):
            return self._child.wait(timeout)
        return None

    def stop(self, grace: float) -> None:
        """Ask it to end, and after `grace` seconds make it end."""
        if self._child and self.exit_code is None:
            self._child.terminate()
            if self.wait(grace) is None:
                self.kill()

    def kill(self) -> None:
        """End it and all that it started at once, as a crash would."""
        if self._child and self.exit_code is None:
            end_group(self._child.pid)
            self._child.wait()


def end_group(leader: int) -> None:
    """SIGKILL the process group that this child leads; only while it runs, as a dead one's number may be reused."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
