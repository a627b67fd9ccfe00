"""Sessions that were signed out and tokens that were revoked: good no more, in any process that shares them."""

from __future__ import annotations

from pathlib import Path

from api.auth.shared_file import Kept, SharedFile

FILE = "signed-out.json"


class Revocations:
    """The ids of what has ended before its time, each until it would have expired; in `keys/` or the topic `shared`."""

    def __init__(self, data: str | Path, kept: Kept | None = None) -> None:
        """`data`: the folder of all state, which the API's processes share; `kept`: where they are instead."""
        self._kept: Kept = kept or SharedFile(data, FILE)

    def add(self, session: str, expires: int, now: int) -> None:
        """End a session or a token for good; what has expired meanwhile (seconds since 1970) is forgotten."""
        self._kept.change(
            lambda known: {id_: at for id_, at in {**known, session: expires}.items() if at > now}
        )

    def holds(self, session: str) -> bool:
        """Whether it has been ended."""
        return session in self._kept.read()
