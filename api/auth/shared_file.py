"""A small JSON object in the folder of keys, which several processes read and change: none loses what another wrote."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from deploy.keys import write_private

Content = Mapping[str, Any]


class Kept(Protocol):
    """What several processes read and change: this file, or a part of the topic `shared`."""

    def read(self) -> Content:
        """What it holds now; Unavailable where that is not known yet."""
        ...

    def change(self, step: Callable[[Content], Content]) -> None:
        """Make of its content what `step` makes of it."""
        ...


class SharedFile:
    """The file, read again where it has changed; missing, it is empty."""

    def __init__(self, data: str | Path, name: str) -> None:
        """`data`: the folder of all state; `name`: of the file in its `keys/`."""
        self._file = Path(data) / "keys" / name
        self._stamp: tuple[int, int] = (0, 0)
        self._content: Content = {}

    def read(self) -> Content:
        """What it holds now."""
        try:
            stat = self._file.stat()
            if (stamp := (stat.st_mtime_ns, stat.st_ino)) != self._stamp:
                self._content, self._stamp = json.loads(self._file.read_text()), stamp
        except FileNotFoundError:
            self._content, self._stamp = {}, (0, 0)
        return self._content

    def change(self, step: Callable[[Content], Content]) -> None:
        """Replace its content by what `step` makes of it, while no other process does so."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            write_private(self._file, json.dumps(step(self.read())))
