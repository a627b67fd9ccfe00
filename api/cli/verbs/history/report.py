"""`tocsin report`: past alerts as a file: CSV for spreadsheets, JSON for programs, PDF for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.progress import Progress

from api.cli.context import surroundings
from streams.errors import Refused

FILTERS = ("team", "rule", "gateway", "severity", "status", "q")
TOTAL = "Tocsin-Total"  # header: how many alerts there will be


class Format(StrEnum):
    """As what a report is written."""

    CSV = "csv"
    JSON = "json"
    PDF = "pdf"


def report(
    context: typer.Context,
    format: Annotated[
        Format, typer.Option(help="csv and json hold all alerts, pdf the newest 500.")
    ] = Format.CSV,
    output: Annotated[Path | None, typer.Option(help="The file; by default named after the period.")] = None,
    begin: Annotated[
        str, typer.Option("--from", help="A day (2026-12-07) or time; by default 90 days ago.")
    ] = "",
    end: Annotated[
        str, typer.Option("--to", help="The last day that counts, or a time; by default now.")
    ] = "",
    zone: Annotated[str, typer.Option(help="Time zone of days and of what is written.")] = "UTC",
    where: Annotated[
        list[str] | None,
        typer.Option(help="team=payments, severity=critical,warning, rule=…; may be repeated."),
    ] = None,
) -> None:
    """Write the alerts that fired in a period, and how they were answered, into a file."""
    around = surroundings(context)
    asked = {"format": format.value, "from": begin, "to": end, "zone": zone, **filters(where or (), FILTERS)}
    given = {name: value for name, value in asked.items() if value}
    with around.talk().stream("GET", "/v1/history/report", params=given) as answer:
        total = int(answer.headers.get(TOTAL, 0))
        file = output or Path(_name(answer, format))
        with Progress(console=around.console, transient=True) as progress:
            task = progress.add_task(f"{total} alerts", total=total or None)
            write(file, answer, lambda lines: progress.update(task, advance=lines))
    around.say(f"{file}: {total} alerts")


def filters(where: Iterable[str], names: Sequence[str]) -> dict[str, str]:
    """The filters by name, of those that there are; Refused shows how one is written."""
    wanted: dict[str, str] = {}
    for text in where:
        name, equals, value = text.partition("=")
        if not equals or name not in names:
            raise Refused(f"--where {text!r:.60}: write NAME=VALUE, where NAME is one of {', '.join(names)}")
        wanted[name] = value
    return wanted


def write(file: Path, answer: httpx.Response, came: Callable[[int], None] = lambda _: None) -> None:
    """Write an answer as it comes into a file, which gets its name when it is whole; `came`: is told of lines."""
    draft = file.with_name(f".{file.name}.part")
    try:
        with draft.open("wb") as out:
            for piece in answer.iter_bytes():
                out.write(piece)
                came(piece.count(b"\n"))
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _name(answer: httpx.Response, format: Format) -> str:
    """The name that the API gives the file; nothing of it can lead out of this folder."""
    name = Path(answer.headers.get("content-disposition", "").partition('filename="')[2].rstrip('"')).name
    if not name.endswith(f".{format.value}"):
        raise Refused("the API gave the report no name: name one with --output")
    return name
