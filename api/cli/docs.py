"""`tocsin docs`: draws the generated pages of the manual anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.context import surroundings

FOLDER = Path(__file__).parents[2] / "docs"


def docs(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Where the pages go.")] = FOLDER,
    check: Annotated[
        bool, typer.Option("--check", help="Only say which pages differ from the code.")
    ] = False,
) -> None:
    """Draw the pages that follow from the code: states, topics, settings."""
    from api.drawn import pages  # late: it reads all machines, which no other verb needs

    around, stale = surroundings(context), []
    for name, text in pages().items():
        file = folder / name
        if not file.exists() or file.read_text() != text:
            stale.append(name)
            if not check:
                file.write_text(text)
    around.say(
        f"{'differs' if check else 'drawn'}: {', '.join(stale)}"
        if stale
        else "all pages are as the code says"
    )
    if check and stale:
        raise typer.Exit(1)
