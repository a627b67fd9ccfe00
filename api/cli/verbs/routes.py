"""`tocsin routes test`: documents and the labels of an alert in; its groups, and who hears of it when, out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import orjson
import typer

from api.cli.context import surroundings
from api.cli.printable import printable
from api.cli.verbs.apply import gathered
from api.trials.route_trial import RouteTrial, try_routes
from streams.duration import milliseconds, spell
from streams.errors import Refused

app = typer.Typer(help="Try routes.", no_args_is_help=True)


@app.command("test")
def try_out(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="YAML with routes, policies and who is told.")],
    labels: Annotated[str, typer.Option(help="severity=critical,team=payments,rule=…,gateway=…")] = "",
    length: Annotated[str, typer.Option("--for", help="How far to look ahead.")] = "1h",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Tell which groups an alert with these labels joins, and who hears of it if nobody acknowledges."""
    around = surroundings(context)
    documents = [document for _, document in gathered(around, files)]
    found = try_routes(documents, read_labels(labels), int(time.time() * 1000), milliseconds(length))
    if as_json:
        shown = {"groups": found.groups, "told": [told._asdict() for told in found.told]}
        typer.echo(orjson.dumps(shown).decode())
        return
    for line in lines(found):
        around.say(printable(line))


def lines(found: RouteTrial) -> Iterator[str]:
    """What follows, for people."""
    for group in found.groups:
        yield f"joins group {group}"
    for told in found.told:
        yield f"after {spell(told.after)}: {told.what} to {told.to} ({told.reason_code}: {told.reason})"
    if not found.told:
        yield "nobody is told"


def read_labels(text: str) -> Mapping[str, str]:
    """`severity=critical, gateway="prod"` as labels; Refused names what is no label."""
    labels: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise Refused(f"`--labels`: {part!r:.60} is no label: write name=value, several with commas")
        labels[name.strip()] = value.strip().strip('"')
    return labels
