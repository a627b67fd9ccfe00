"""A worker starts only on topics that are as our tool made them."""

from __future__ import annotations

import pytest

from agents.clients.manifest import verify
from streams.errors import Misconfigured
from tests.agents.doubles import worker_config

FOUND = worker_config().manifest


def test_all_there() -> None:
    """With every topic of a stage in the manifest, it may start."""
    for stage in ("detect", "respond", "deliver"):
        verify(stage, FOUND, 4)


@pytest.mark.parametrize("topic", ["telemetry", "detect-rows-changelog", "inbox", "config", "dead-letter"])
def test_missing(topic: str) -> None:
    """A missing topic is named, with the command that makes it."""
    with pytest.raises(Misconfigured, match=f"topic {topic} is missing.*python -m deploy topics"):
        verify("detect", {name: one for name, one in FOUND.items() if name != topic}, 4)


def test_other_number_of_partitions() -> None:
    """Settings that say another number of partitions are refused."""
    with pytest.raises(Misconfigured, match="has 4 partitions and TOCSIN_PARTITIONS says 8"):
        verify("detect", FOUND, 8)
