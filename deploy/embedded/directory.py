"""The data directory of one Tocsin: which layout it has, whose it is, and that nobody else uses it.

`tocsin.json` says what wrote the directory, so that another version refuses it in a sentence, not in a stack trace.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from streams.errors import Misconfigured

LAYOUT = 1
MANIFEST = "tocsin.json"


@dataclass(frozen=True)
class Manifest:
    """What is remembered about a data directory: the layout, the newest Kafka that wrote in it, and its ports."""

    layout: int
    kafka: str
    port: int | None = None
    controller: int | None = None

    def refusal(self, kafka: str) -> str | None:
        """Why a Tocsin with this Kafka must not touch the directory, and what to do; None if it may."""
        if self.layout != LAYOUT:
            return (
                f"has layout {self.layout}, and this Tocsin reads layout {LAYOUT}: run the Tocsin that wrote it, "
                "or name another directory with TOCSIN_DATA"
            )
        if _numbers(self.kafka) > _numbers(kafka) or _numbers(self.kafka)[0] != _numbers(kafka)[0]:
            return (
                f"was written by Kafka {self.kafka}, and this Tocsin carries Kafka {kafka}, which cannot read it: "
                "run the Tocsin that wrote it, or name another directory with TOCSIN_DATA"
            )
        return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split(".") if number.isdigit()) or (0,)


@dataclass(frozen=True)
class DataDirectory:
    """A directory and the files in it that the deploy room owns."""

    root: Path

    def open(self, kafka: str) -> Manifest:
        """Make the directory if it is new, and read its manifest; Misconfigured if another version owns it."""
        self.root.mkdir(parents=True, exist_ok=True)
        manifest = self._read() or self._begin(kafka)
        refusal = manifest.refusal(kafka)
        if refusal:
            raise Misconfigured(f"data directory {self.root} {refusal}")
        newest = replace(manifest, kafka=kafka)
        self.write(newest)
        return newest

    def _read(self) -> Manifest | None:
        file = self.root / MANIFEST
        if not file.exists():
            return None
        try:
            return Manifest(**json.loads(file.read_text()))
        except (ValueError, TypeError) as failure:
            raise Misconfigured(
                f"{file} does not read as a manifest of Tocsin ({failure}): restore it, or name another directory "
                "with TOCSIN_DATA"
            ) from failure

    def _begin(self, kafka: str) -> Manifest:
        if (self.root / "broker" / "meta.properties").exists():
            raise Misconfigured(
                f"data directory {self.root} holds Kafka's files but no {MANIFEST}: restore that file, or name another "
                "directory with TOCSIN_DATA"
            )
        return Manifest(LAYOUT, kafka)

    def write(self, manifest: Manifest) -> None:
        """Replace the manifest in one step, so that a crash leaves the old one or the new one."""
        draft = self.root / f"{MANIFEST}.new"
        draft.write_text(json.dumps(asdict(manifest), indent=1) + "\n")
        draft.replace(self.root / MANIFEST)
