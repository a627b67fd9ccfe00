"""What the demonstration remembers of itself over a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.phase import FILE, Phase
from sources.pretence import FAILS, HEALS, Pretence


@pytest.mark.parametrize(
    ("kept", "now", "resumed"),
    [
        (Pretence(0), FAILS, Pretence(0)),
        (Pretence(0), FAILS + HEALS - 1, Pretence(0)),
        (Pretence(0), FAILS - 1, Pretence(FAILS - 1)),
        (Pretence(0), FAILS + HEALS, Pretence(FAILS + HEALS)),
        (Pretence(0, healed=50_000), 50_000, Pretence(50_000)),
        (Pretence(90_000), 50_000, Pretence(50_000)),
    ],
)
def test_a_failure_under_way_outlives_a_restart(
    tmp_path: Path, kept: Pretence, now: int, resumed: Pretence
) -> None:
    """It ends when it was acknowledged or after ten minutes, however often all is killed; else all begins anew."""
    Phase(tmp_path).keep(kept)
    assert Phase(tmp_path).resumed(now) == resumed


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"started": "x", "healed": null}', b'{"started": 1}'])
def test_a_damaged_file_is_a_new_beginning(tmp_path: Path, damage: bytes) -> None:
    """It shows something; nobody mends the file of a demonstration."""
    (tmp_path / FILE).write_bytes(damage)
    assert Phase(tmp_path).resumed(FAILS) == Pretence(FAILS)


def test_a_disk_that_is_full_stops_nothing(tmp_path: Path) -> None:
    """What cannot be kept begins anew after a restart."""
    Phase(tmp_path / "nowhere").keep(Pretence(0))
    assert Phase(tmp_path / "nowhere").resumed(FAILS) == Pretence(FAILS)
