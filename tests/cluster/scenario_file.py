"""A scenario by the name of its file, and what it told, so that two runs can be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from streams import timetable
from streams.timetable import Timetable

FOLDER = Path(__file__).parent.parent / "scenarios"


def read(name: str) -> Timetable:
    """A timetable by its file's name."""
    path = FOLDER / f"{name}.yaml"
    return timetable.read(yaml.load(path.read_text(), yaml.BaseLoader))  # noqa: S506 texts only: we parse them


def words(timeline: list[dict[str, Any]]) -> list[str]:
    """What was told and when; without ids, which count places in logs, and without an order inside an instant."""
    ids = ("id", "group", "notification")
    return sorted(str({name: entry[name] for name in sorted(entry) if name not in ids}) for entry in timeline)
