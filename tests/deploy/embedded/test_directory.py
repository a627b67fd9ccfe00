"""A data directory belongs to the version that wrote it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.embedded.directory import LAYOUT, DataDirectory, Manifest
from streams.errors import Misconfigured


def test_a_new_directory_says_what_wrote_it(tmp_path: Path) -> None:
    """The manifest names layout and Kafka."""
    DataDirectory(tmp_path / "data").open("4.4.0")
    said = json.loads((tmp_path / "data" / "tocsin.json").read_text())
    assert (said["layout"], said["kafka"]) == (LAYOUT, "4.4.0")


@pytest.mark.parametrize(
    ("layout", "kafka", "word"),
    [
        (2, "4.4.0", "layout 2"),
        (1, "4.5.0", "Kafka 4.5.0"),
        (1, "5.0.0", "Kafka 5.0.0"),
        (1, "3.9.1", "Kafka 3.9.1"),
    ],
)
def test_another_versions_directory_is_refused(tmp_path: Path, layout: int, kafka: str, word: str) -> None:
    """One sentence names the directory, what it holds, and both ways out; nothing in it changes."""
    DataDirectory(tmp_path).write(Manifest(layout, kafka))
    before = (tmp_path / "tocsin.json").read_bytes()
    with pytest.raises(Misconfigured, match=word) as refusal:
        DataDirectory(tmp_path).open("4.4.0")
    assert str(tmp_path) in str(refusal.value)
    assert "TOCSIN_DATA" in str(refusal.value)
    assert (tmp_path / "tocsin.json").read_bytes() == before


def test_an_older_kafka_of_the_same_line_is_taken_over(tmp_path: Path) -> None:
    """Its files are read as they are; from then on the older one is refused."""
    DataDirectory(tmp_path).write(Manifest(LAYOUT, "4.1.0", port=9))
    assert DataDirectory(tmp_path).open("4.4.0") == Manifest(LAYOUT, "4.4.0", port=9)


@pytest.mark.parametrize("content", ["", "[]", '{"layout": 1, "colour": "red"}'])
def test_a_manifest_that_does_not_read_is_named(tmp_path: Path, content: str) -> None:
    """It is not taken for a new directory."""
    (tmp_path / "tocsin.json").write_text(content)
    with pytest.raises(Misconfigured, match=r"tocsin\.json does not read"):
        DataDirectory(tmp_path).open("4.4.0")


def test_kafkas_files_without_a_manifest_are_not_ours(tmp_path: Path) -> None:
    """Somebody removed the manifest, or the directory is another program's."""
    (tmp_path / "broker").mkdir()
    (tmp_path / "broker" / "meta.properties").write_text("version=1\n")
    with pytest.raises(Misconfigured, match=r"no tocsin\.json"):
        DataDirectory(tmp_path).open("4.4.0")
