"""Installs what a lock pins and shows how far it is; `setup.sh` runs it as a script, when there is nothing but Python.

On a terminal one line moves on; elsewhere there is a line for every twentieth package.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

FETCHED = re.compile(r"\s*(?:Downloading|Using cached) \S+ \(([\d.]+) (bytes|kB|MB)\)")
SCALE = {"bytes": 1e-6, "kB": 1e-3, "MB": 1.0}
EVERY = 20  # packages between two lines where no terminal is
LAST = 15  # lines that are shown where it fails


@dataclass
class Progress:
    """What pip has said so far, counted. `total`: packages that the lock pins for this machine, once pip said so."""

    total: int
    packages: int = 0
    megabytes: float = 0.0
    words: deque[str] = field(default_factory=lambda: deque(maxlen=LAST))

    def hear(self, line: str) -> str | None:
        """Take one line of pip's; how far it is now, where that has changed."""
        self.words.append(line)
        if line.startswith("Collecting "):
            self.packages += 1
        elif line.startswith("Ignoring "):  # pinned for another system or Python; said before the first one
            self.total -= 1
            return None
        elif match := FETCHED.match(line):
            self.megabytes += float(match[1]) * SCALE[match[2]]
        elif line.startswith("Installing collected"):
            here = f"all {self.packages} packages are here ({self.megabytes:.0f} MB)"
            return f"{here}; unpacking them, silently, for up to a minute"
        else:
            return None
        return f"{self.packages} of {self.total} packages, {self.megabytes:.0f} MB"


def pinned(lock: str) -> int:
    """How many packages a lock pins."""
    return sum("==" in line and not line.lstrip().startswith("#") for line in lock.splitlines())


def main(lock: str) -> int:
    """Run pip; its exit code, with its last words where that is not 0."""
    progress = Progress(pinned(Path(lock).read_text()))
    argv = [sys.executable, "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    argv += ["--disable-pip-version-check", "--require-hashes", "--requirement", lock]
    moves, shown = sys.stdout.isatty(), -EVERY
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout
        for line in pip.stdout:
            words = progress.hear(line)
            if words and (moves or words.startswith("all") or progress.packages >= shown + EVERY):
                shown = progress.packages
                sys.stdout.write(f"\r\033[K  {words}" if moves else f"  {words}\n")
                sys.stdout.flush()
    sys.stdout.write("\n" if moves else "")
    if pip.returncode:
        sys.stderr.write("".join(progress.words))
    return pip.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
