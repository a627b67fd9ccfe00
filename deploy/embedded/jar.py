"""A jar of the embedded broker, as `jars.lock` pins it, so that what runs is what was reviewed.

The lock holds Maven coordinates, file name, size and SHA-256 only; where the bytes come from is the operator's choice.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).parents[1] / "jars.lock"


@dataclass(frozen=True)
class Jar:
    """One pinned artefact of a Maven repository."""

    group: str
    artifact: str
    version: str
    file: str
    size: int
    sha256: str

    @property
    def path(self) -> str:
        """Where every Maven repository keeps this file, relative to the repository's root."""
        return "/".join((*self.group.split("."), self.artifact, self.version, self.file))

    def is_whole(self, file: Path) -> bool:
        """Whether the file holds exactly the pinned bytes; a missing file does not."""
        if not file.is_file() or file.stat().st_size != self.size:
            return False
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == self.sha256


def read_lock(text: str) -> tuple[Jar, ...]:
    """The pinned jars in the order of the class path; it is part of the pin, since Java takes the first match."""
    return tuple(_row(*line.split("\t")) for line in text.splitlines() if line and not line.startswith("#"))


def _row(coordinates: str, file: str, size: str, sha256: str) -> Jar:
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, file, int(size), sha256)


def pinned() -> tuple[Jar, ...]:
    """The jars that this version of Tocsin runs."""
    return read_lock(LOCK.read_text())


def kafka_version(jars: tuple[Jar, ...]) -> str:
    """Which Apache Kafka the lock pins; it is written into every data directory."""
    return next(jar.version for jar in jars if jar.artifact.startswith("kafka_"))
