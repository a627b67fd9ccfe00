"""Signs of life: what tells a process that works from one that only exists (stopped, or locked for ever).

A sign is anything that changes from look to look while the child lives. Silence is counted in the supervisor's own
looks, never read off a clock: a machine that slept, or a supervisor that was itself paused, has not been looking.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from deploy.ports import HOST

EVERY = 1.0  # seconds between two looks
LAG = 5.0  # seconds: after a longer pause between two looks everybody is given time anew
ANSWER = 2.0  # seconds that a broker has for one answer
_ASK = struct.pack(">ihhih", 10, 18, 0, 1, -1)  # Kafka's ApiVersions, the one request that needs nothing
Sign = Callable[[], object]  # asked in a thread, so that it may wait a moment


@dataclass
class Heart:
    """`silence`: for how many seconds of looking the sign has been the same; `beats`: whether it ever changed."""

    silence: float = 0.0
    beats: bool = False
    _sign: object = None
    _looked: float | None = None

    def look(self, now: float, sign: object) -> float:
        """One look at a moment of the steady clock; the silence."""
        gap = 0.0 if self._looked is None else now - self._looked
        changed = sign != self._sign
        self.beats = self.beats or changed
        self.silence = 0.0 if changed or gap > LAG else self.silence + gap
        self._sign, self._looked = sign, now
        return self.silence


def touched(file: Path) -> Sign:
    """The child touches this file every second; none while there is no file."""

    def look() -> object:
        with suppress(OSError):
            return file.stat().st_mtime_ns
        return None

    return look


def serving(port: int) -> Sign:
    """A broker on this port of the machine answers a request; that the kernel accepts a connection proves nothing."""
    answered, last = count(1), [0]

    def look() -> object:
        with suppress(OSError), socket.create_connection((HOST, port), ANSWER) as connection:
            connection.sendall(_ASK)
            if connection.recv(4):
                last[0] = next(answered)
        return last[0] or None

    return look
