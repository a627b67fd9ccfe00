"""Which alerts of which rules are listed, and since when: asked of the API again and again, beside what happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple, Self

import httpx

EVERY = 0.4  # seconds between two looks


class Sighting(NamedTuple):
    """When an alert was listed first, and when it was over, in seconds since 1970."""

    alert: dict[str, Any]
    seen: float
    over: float | None


class Watching:
    """Use it as a context; it looks in a thread of its own."""

    def __init__(self, client: httpx.Client, gateway: str) -> None:
        """`client`: of our API; `gateway`: whose alerts."""
        self._client, self._gateway = client, gateway
        self._alerts: dict[str, Sighting] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def alerts(self, rule: str = "") -> list[Sighting]:
        """All that were listed so far, of one rule or of all, the oldest first."""
        found = list(self._alerts.values())
        return [one for one in found if not rule or one.alert["rule"] == rule]

    def _look(self) -> None:
        while not self._over.wait(EVERY):
            with suppress(httpx.HTTPError, KeyError, ValueError):
                for alert in self._listed():
                    self._note(alert)

    def _note(self, alert: dict[str, Any]) -> None:
        now, known = time.time(), self._alerts.get(alert["id"])
        ended = alert["status"] == "resolved"
        over = (known.over if known and known.over else now) if ended else None
        self._alerts[alert["id"]] = Sighting(alert, known.seen if known else now, over)

    def _listed(self) -> Iterator[dict[str, Any]]:
        asked = {"gateway": self._gateway, "limit": "500"}
        yield from reversed(self._client.get("/v1/history", params=asked).json()["items"])
