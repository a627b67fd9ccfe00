"""How the C library keeps memory that was freed: what is large goes back to the system at once.

By default glibc raises the size from which it does so up to that of the largest piece that was ever freed, so that one
batch of a hundred kilobytes makes all later ones lie between small things, and gives each thread a heap of its own.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

LARGE = 1 << 16  # bytes; columns of a block are smaller, first batches and what is fetched larger
HEAPS = 2  # as many threads allocate more than a little
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h


def settle() -> None:
    """Nothing in; from here on the process keeps less of what it does not use. Elsewhere than on glibc, nothing."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, LARGE)
        library.mallopt(_M_ARENA_MAX, HEAPS)
