"""Sessions that were signed out: their cookies are good no more, in whichever process of the same data folder."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.keys import write_private

FILE = "signed-out.json"


class Revocations:
    """The ids of sessions that have ended before their time, each until it would have expired; kept in `keys/`."""

    def __init__(self, data: str | Path) -> None:
        """`data`: the folder of all state, which the API's processes share."""
        self._file = Path(data) / "keys" / FILE
        self._read_at, self._expires = 0, dict[str, int]()

    def add(self, session: str, expires: int, now: int) -> None:
        """End a session for good; what has expired meanwhile (seconds since 1970) is forgotten."""
        known = self._known() | {session: expires}
        write_private(self._file, json.dumps({id_: at for id_, at in known.items() if at > now}))

    def holds(self, session: str) -> bool:
        """Whether the session has been ended."""
        return session in self._known()

    def _known(self) -> dict[str, int]:
        """The file's content, read again where it has changed."""
        try:
            changed = self._file.stat().st_mtime_ns
            if changed != self._read_at:
                self._expires = {str(id_): int(at) for id_, at in json.loads(self._file.read_text()).items()}
                self._read_at = changed
        except FileNotFoundError:
            self._expires = {}
        return self._expires
