"""What the demonstration remembers of itself over a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.demonstration.fake_gateway import FAILS, HEALS, FakeGateway
from sources.demonstration.phase import FILE, Phase


@pytest.mark.parametrize(
    ("kept", "now", "resumed"),
    [
        (FakeGateway(0), FAILS, FakeGateway(0)),
        (FakeGateway(0), FAILS + HEALS - 1, FakeGateway(0)),
        (FakeGateway(0), FAILS - 1, FakeGateway(FAILS - 1)),
        (FakeGateway(0), FAILS + HEALS, FakeGateway(FAILS + HEALS)),
        (FakeGateway(0, healed=50_000), 50_000, FakeGateway(50_000)),
        (FakeGateway(90_000), 50_000, FakeGateway(50_000)),
    ],
)
def test_a_failure_under_way_outlives_a_restart(
    tmp_path: Path, kept: FakeGateway, now: int, resumed: FakeGateway
) -> None:
    """It ends when it was acknowledged or after ten minutes, however often all is killed; else all begins anew."""
    Phase(tmp_path).keep(kept)
    assert Phase(tmp_path).resumed(now) == resumed


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"started": "x", "healed": null}', b'{"started": 1}'])
def test_a_damaged_file_is_a_new_beginning(tmp_path: Path, damage: bytes) -> None:
    """It shows something; nobody mends the file of a demonstration."""
    (tmp_path / FILE).write_bytes(damage)
    assert Phase(tmp_path).resumed(FAILS) == FakeGateway(FAILS)


def test_a_disk_that_is_full_stops_nothing(tmp_path: Path) -> None:
    """What cannot be kept begins anew after a restart."""
    Phase(tmp_path / "nowhere").keep(FakeGateway(0))
    assert Phase(tmp_path / "nowhere").resumed(FAILS) == FakeGateway(FAILS)
