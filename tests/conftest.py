"""What all tests share: how hypothesis looks for counter-examples, and which files a part of the tests looks into."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from hypothesis import settings

# A law holds however slow the machine is on which it is tested; and the same run finds the same.
settings.register_profile("house", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("house")

MARK = "pytest.mark.cluster"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Tests on Kafka alone are sought where their mark stands: to import the others takes longer than Kafka does."""
    if config.option.markexpr != "cluster" or not collection_path.name.startswith("test_"):
        return None
    return True if collection_path.is_file() and MARK not in collection_path.read_text() else None


def pytest_collection_finish() -> None:
    """What has been loaded stays: cycles are looked for in the rest, and seldom, since tests make much."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
