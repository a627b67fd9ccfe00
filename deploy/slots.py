"""Slot files: a lock that the kernel ties to a process, so that one slot never has two workers.

Static membership of a Kafka group is only safe when a member's name is used by one process at a time (ADR 2). The lock
belongs to the open file, which the worker inherits; it ends with the last process that holds it, however that one died.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streams.errors import Misconfigured


@dataclass(frozen=True)
class Slot:
    """One place that at most one process may take, named by its file."""

    file: Path

    def claim(self, wait: bool = False) -> int:
        """Take the slot and return the descriptor that holds it; pass it on to a child to lend it the slot.

        Misconfigured names the holder when the slot is taken and `wait` is off.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise Misconfigured(
                f"{self.file} is held by process {holder}: only one may run here. Stop it, or choose another directory"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return descriptor

    @contextmanager
    def hold(self, wait: bool = False) -> Iterator[int]:
        """Take the slot for the length of a block."""
        descriptor = self.claim(wait)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
