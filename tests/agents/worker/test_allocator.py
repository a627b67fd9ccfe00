"""What is large goes back to the system when it is freed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agents.worker.allocator import LARGE
from tests.patience import PATIENCE

PROGRAM = """
import ctypes, sys
from agents.worker.allocator import settle
class Info(ctypes.Structure):  # malloc.h: pieces that are not of the heap are the fourth
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks a b c d e f".split()]
library = ctypes.CDLL(None)
if not hasattr(library, "mallinfo2"):
    sys.exit(3)
library.mallinfo2.restype = Info
if sys.argv[1] == "settled":
    settle()
before = library.mallinfo2().hblks
held = [bytearray(int(sys.argv[2])) for _ in range(100)]
print(library.mallinfo2().hblks - before)
"""


def apart(how: str, size: int) -> int:
    """How many of a hundred pieces of a size lie apart from the heap of a new process."""
    words = [sys.executable, "-c", PROGRAM, how, str(size)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=PATIENCE)
    if done.returncode == 3:
        pytest.skip("the C library does not tell")
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_what_is_large_lies_apart() -> None:
    """Pieces of a hundred kilobytes do, but for what finds a gap, and by default none does; smaller ones never do."""
    large, small = 100_000, LARGE // 2
    assert apart("settled", large) > 50
    assert apart("settled", small) == 0
    assert apart("unsettled", large) == 0
