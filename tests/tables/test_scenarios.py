"""Every timetable in tests/scenarios, played in the World."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from streams import timetable
from tables.scenario import Play, unmet

FILES = sorted((Path(__file__).parent.parent / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    """What the timetable expects happens, and what it forbids does not."""
    table = timetable.read(yaml.load(path.read_text(), yaml.BaseLoader))  # noqa: S506 texts only: we parse them
    timeline = Play(table).run()
    assert table.claim
    assert table.expect
    assert [why for expectation in table.expect if (why := unmet(expectation, timeline))] == []
