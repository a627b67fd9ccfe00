"""`tocsin export`: all documents as YAML, on the screen or in a folder, which `tocsin apply` takes back unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from api.cli.context import surroundings
from streams.documents.registry import SECTIONS
from streams.errors import Refused

LARGEST = 2 << 20  # characters of one file


def export(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="Where a file for each section is written; left out: the screen.")
    ] = None,
    section: Annotated[str, typer.Option(help="Only these, such as rules,routes.")] = "",
    team: Annotated[str, typer.Option(help="Only those of this team.")] = "",
) -> None:
    """Write every document that you may see as YAML; secrets are masked, and a mask keeps what is stored."""
    around = surroundings(context)
    talk = around.talk()
    asked = {name: text for name, text in (("section", section), ("team", team)) if text}
    if folder is None:
        with talk.lines("GET", "/v1/export", params=asked) as lines:
            for line in lines:
                around.say(line)
        return
    if folder.exists() and any(folder.iterdir()):
        raise Refused(
            f"{folder} is not empty: name a folder that is new, so that nothing old is applied again"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name in (word.strip() for word in section.split(",")) if section else SECTIONS:
        with talk.lines("GET", "/v1/export", params=asked | {"section": name}) as lines:
            for number, text in enumerate(_parts(lines, name), 1):
                file = folder / (f"{name}.yaml" if number == 1 else f"{name}-{number}.yaml")
                file.write_text(text, encoding="utf-8")
                around.say(f"{file}")


def _parts(lines: Iterator[str], section: str) -> Iterator[str]:
    """The texts of one section, none larger than a file may be, each a whole file."""
    part: list[str] = []
    size = 0
    for line in lines:
        if size > LARGEST and line.startswith("- "):
            yield "\n".join([*part, ""])
            part, size = [f"{section}:"], 0
        part.append(line)
        size += len(line) + 1
    if any(not line.startswith("#") for line in part):
        yield "\n".join([*part, ""])
