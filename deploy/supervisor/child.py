"""A process that the supervisor keeps: its command, what it waits for, when it is ready and when it is restarted."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from deploy.ports import answers
from deploy.supervisor.heart import Sign

Ready = Callable[[], bool]  # asked in a thread, so that it may wait a moment


class Restart(Enum):
    """What the end of a process means."""

    ALWAYS = auto()  # a server: it never ends of itself
    UNTIL_DONE = auto()  # a step: exit code 0 is its purpose, and what comes after it waits for that


def at_once() -> bool:
    """Ready as soon as it runs."""
    return True


def port_open(port: int) -> Ready:
    """Ready when something answers on this port of the machine."""
    return lambda: answers(port)


def file_there(file: Path) -> Ready:
    """Ready when the process has written this file; whoever declares it removes the file before the start."""
    return file.exists


@dataclass(frozen=True)
class Child:
    """One declared process. Its name is also its slot, its log file and its word in the progress lines.

    `sign`: its sign of life; after `silence` seconds without one it is ended and started again.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    ready: Ready = at_once
    ready_within: float = 60.0
    restart: Restart = Restart.ALWAYS
    parting: signal.Signals = signal.SIGKILL
    inherit: tuple[int, ...] = ()
    sign: Sign | None = None
    silence: float = 20.0
