"""The providers' own specifications, which lie beside the repository and not in it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest

FOLDER = Path(os.environ.get("SPECS") or Path(__file__).parents[3] / "shared/specs")


def spec(name: str) -> dict[str, Any] | None:
    """The specification of this name; None where it is not there."""
    file = FOLDER / name
    return orjson.loads(file.read_bytes()) if file.is_file() else None


@cache
def needed(name: str) -> dict[str, Any]:
    """The specification of this name; the test is skipped with a word where it is not there."""
    found = spec(name)
    if found is None:
        pytest.skip(f"no {name}: set SPECS to the folder of the providers' specifications")
    return found
