"""Says on the terminal that a Kafka of your own does not answer, since when and what to do, and when it is back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

LOOK = 2.0  # seconds between two looks
AGAIN = 30.0  # seconds between two lines about the same silence


@dataclass
class Reach:
    """What was last known of the brokers at `bootstrap`; pure, but for what it is told."""

    bootstrap: str
    _since: float | None = None
    _said: float = 0.0

    def news(self, answers: bool, now: float, clock: str) -> str | None:
        """One look at a moment of the steady clock, and the time of day as text; what a reader should hear of it."""
        if answers:
            since, self._since = self._since, None
            return None if since is None else f"Kafka at {self.bootstrap} answers, after {now - since:.0f} s"
        if self._since is None:
            self._since = self._said = now
            return (
                f"waiting for Kafka at {self.bootstrap}, which does not answer since {clock}: start it, or correct "
                "TOCSIN_KAFKA_BOOTSTRAP; all goes on by itself when it comes"
            )
        if now - self._said < AGAIN:
            return None
        self._said = now
        return f"still waiting for Kafka at {self.bootstrap}, for {now - self._since:.0f} s"


def watch(bootstrap: str, say: Callable[[str], None]) -> None:
    """Look for as long as the process lives, in a thread of its own."""

    def look() -> None:
        reach, pause = Reach(bootstrap), threading.Event()
        while True:
            clock = datetime.now().astimezone().strftime("%H:%M:%S")
            if line := reach.news(answering(bootstrap), time.monotonic(), clock):
                say(line)
            pause.wait(LOOK)

    threading.Thread(target=look, name="reach", daemon=True).start()


def answering(bootstrap: str) -> bool:
    """Whether any of the brokers accepts a connection."""
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        with suppress(OSError, ValueError):
            socket.create_connection((host.strip("[]"), int(port)), LOOK).close()
            return True
    return False
