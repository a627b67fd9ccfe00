"""Installs `mcp-contextforge-gateway` from its package into an environment of its own; goes on where it broke off.

Its dependencies are many and pinned otherwise than ours, so the two never share an environment.
"""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

from streams.errors import Misconfigured

PACKAGE = "mcp-contextforge-gateway"
SUPPORTED = ((3, 11), (3, 13))  # what its releases have run on; pip picks the newest for the Python at hand
Say = Callable[[str], None]


def install(folder: Path, say: Say) -> Path:
    """The Python that has the gateway; quick when all was done before. Misconfigured says why it cannot be had."""
    release = f"{sys.version_info[0]}.{sys.version_info[1]}"
    environment = folder / f"environment-{release}"  # another Python, another gateway
    python, done = environment / "bin" / "python", environment / "installed"
    if done.is_file():
        return python
    if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        raise Misconfigured(f"{PACKAGE} runs on Python 3.11 to 3.13, not on {release}")
    if not python.exists():
        say("making an environment for the gateway")
        _run([sys.executable, "-m", "venv", str(environment)], str)
    say(f"installing {PACKAGE} (about 100 packages; a minute or two the first time)")
    _run([str(python), "-m", "pip", "install", "--progress-bar", "off", PACKAGE], _Told(say))
    done.write_text(version(python) + "\n")
    return python


def version(python: Path) -> str:
    """Which version of the gateway this environment has."""
    ask = f"from importlib.metadata import version; print(version({PACKAGE!r}))"
    return subprocess.run([str(python), "-c", ask], capture_output=True, text=True, check=True).stdout.strip()


class _Told:
    """Turns pip's lines into a few: every twentieth package, and the long last step."""

    def __init__(self, say: Say) -> None:
        self._say, self._packages = say, 0

    def __call__(self, line: str) -> None:
        if line.startswith("Collecting "):
            self._packages += 1
            if self._packages % 20 == 0:
                self._say(f"  {self._packages} packages found")
        elif line.startswith("Installing collected packages"):
            self._say(f"  unpacking {self._packages} packages")


def _run(argv: list[str], told: Callable[[str], object]) -> None:
    """Run a command and tell its lines; Misconfigured with its last words where it fails."""
    last: deque[str] = deque(maxlen=3)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        for line in child.stdout or ():
            last.append(line.strip())
            told(line)
    if child.returncode:
        words = " ".join(last)
        raise Misconfigured(
            f"{PACKAGE} cannot be installed: {words}; see to network and pip, then run it again"
        )
