"""A slot has one holder, and the kernel frees it with the holder's death."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.slots import Slot
from streams.errors import Misconfigured


def test_a_taken_slot_names_its_holder(tmp_path: Path) -> None:
    """The second claim is refused with the process to stop."""
    slot = Slot(tmp_path / "slots" / "detect-0")
    with slot.hold(), pytest.raises(Misconfigured, match=f"held by process {os.getpid()}"):
        slot.claim()


def test_a_slot_is_free_after_its_block(tmp_path: Path) -> None:
    """Nothing has to be cleaned up."""
    slot = Slot(tmp_path / "detect-0")
    for _ in range(2):
        with slot.hold():
            pass


def test_a_lent_slot_lasts_as_long_as_the_borrower(tmp_path: Path) -> None:
    """A worker that outlives its supervisor still keeps others out; killed, it does not."""
    slot = Slot(tmp_path / "detect-0")
    with slot.hold() as descriptor:
        program = [sys.executable, "-c", "import time; time.sleep(60)"]
        worker = subprocess.Popen(program, pass_fds=(descriptor,))
    with pytest.raises(Misconfigured):
        slot.claim()
    worker.kill()
    worker.wait()
    os.close(slot.claim())
