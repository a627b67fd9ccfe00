"""The pulse: shows whoever supervises this process that its event loop turns."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

EVERY = 1.0  # seconds


def touch(file: str) -> None:
    """One beat; without a file there is none. A disk that is full or gone has worse consequences than no beat."""
    with suppress(OSError):
        if file:
            Path(file).touch()


async def beat(file: str) -> None:
    """Touch a file every second, for ever; without a name, never."""
    while file:
        touch(file)
        await asyncio.sleep(EVERY)
