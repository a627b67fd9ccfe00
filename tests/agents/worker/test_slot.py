"""One slot, one worker."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from agents.worker.slot import claim
from streams.errors import Misconfigured
from streams.settings import Settings
from tests.agents.doubles import KEYS


def settings(data: Path, slot: str = "0", static: bool = True) -> Settings:
    """Of a worker with this data folder."""
    return Settings(
        bootstrap="127.0.0.1:1", system_keys=KEYS, data=str(data), slot=slot, static_membership=static
    )


def test_taken(tmp_path: Path) -> None:
    """The second worker of a slot is told what to change; one of another slot or stage is not refused."""
    assert claim("detect", settings(tmp_path)) is not None
    sentence = "slot 0 is taken: give each its own TOCSIN_SLOT"
    with pytest.raises(Misconfigured, match=re.escape(sentence)):
        claim("detect", settings(tmp_path))
    assert claim("detect", settings(tmp_path, slot="1")) is not None
    assert claim("respond", settings(tmp_path)) is not None


def test_free_again(tmp_path: Path) -> None:
    """A slot is free as soon as its worker is gone, however it went: the file that stays behind holds nothing."""
    descriptor = claim("detect", settings(tmp_path))
    assert descriptor is not None
    os.close(descriptor)
    assert claim("detect", settings(tmp_path)) is not None


def test_members_without_names(tmp_path: Path) -> None:
    """Where members are not static, any number of workers may have the same slot."""
    assert claim("detect", settings(tmp_path, static=False)) is None
    assert claim("detect", settings(tmp_path, static=False)) is None
