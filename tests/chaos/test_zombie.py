"""A paused worker that lost its partition can do no harm; without the fence in its place it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.zombie import play

pytestmark = pytest.mark.cluster


def test_fence(tmp_path: Path) -> None:
    """Four owners in the order that hurts: the paused one dies of the fence, and the law holds."""
    told = play(tmp_path, "early")
    assert told["z_exit"] == 73, told
    assert told["n"] < told["z"], told
    assert told["downstream"] > 0, told
    assert told["holds"], told


@pytest.mark.parametrize("fence", ["late", "off"])
def test_without_the_fence_in_its_place(tmp_path: Path, fence: str) -> None:
    """The same with the fence at the first write-out, or none: the paused one succeeds, and the law is broken."""
    told = play(tmp_path, fence)
    assert told["z_exit"] == 3, told
    assert not told["holds"], told
