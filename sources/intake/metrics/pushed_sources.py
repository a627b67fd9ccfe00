"""Which sources a gateway's metrics are pushed from: as many as detect takes, so that the rest is refused at the door.

What detect refuses becomes a dead letter, whole, at every scrape.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

MOST = 48  # sources of a gateway; detect takes 64, of which bridge, prober and plugin have theirs
GATEWAYS = 1_000
FORGOTTEN = 3_600_000  # ms without a word


class PushOrigin(NamedTuple):
    """Whose a value is: the gateway that it is about, and the source that says it."""

    gateway: str
    source: str


class PushedSources:
    """Those that were heard within the last hour, by gateway; requests are read in several threads."""

    def __init__(self) -> None:
        """Nobody was heard."""
        self._lock, self._heard = Lock(), OrderedDict[str, dict[str, int]]()

    def admit(self, origin: PushOrigin, now: int) -> bool:
        """Whether the source is one of those, or becomes one now; `now`: ms UTC."""
        with self._lock:
            known = self._heard.setdefault(origin.gateway, {})
            self._heard.move_to_end(origin.gateway)
            if len(self._heard) > GATEWAYS:
                self._heard.popitem(last=False)
            if origin.source not in known and len(known) >= MOST:
                for source in [source for source, at in known.items() if at < now - FORGOTTEN]:
                    del known[source]
            if origin.source in known or len(known) < MOST:
                known[origin.source] = now
                return True
            return False
