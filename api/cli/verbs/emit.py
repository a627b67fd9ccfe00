"""`tocsin emit event|alert`: what a script or a service reports itself, from a terminal or a cron job."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from api.cli.context import surroundings
from api.cli.printable import printable
from streams.errors import Refused

app = typer.Typer(help="Report an event of a gateway, or raise an alert of your own.", no_args_is_help=True)
Label = Annotated[list[str] | None, typer.Option(help="name=value; may be repeated.")]
Source = Annotated[str, typer.Option(help="Who reports; by default this user's name.")]
Id = Annotated[str, typer.Option(help="Its own id: what is sent twice counts once.")]


def labels(given: list[str] | None) -> dict[str, str]:
    """The labels of the command line; Refused names the one that is none."""
    pairs = [text.partition("=") for text in given or []]
    if wrong := [name for name, sign, _ in pairs if not (name and sign)]:
        raise Refused(f"--label {wrong[0]!r:.60}: write name=value")
    return {name: value for name, _, value in pairs}


def _body(source: str, id: str, label: list[str] | None) -> dict[str, Any]:
    return {"source": source or getpass.getuser(), "labels": labels(label)} | ({"id": id} if id else {})


@app.command()
def event(
    context: typer.Context,
    gateway: Annotated[str, typer.Argument(help="The gateway that it happened at.")],
    type: Annotated[str, typer.Argument(help="What happened, such as plugin_violation.")],
    source: Source = "",
    label: Label = None,
    id: Id = "",
) -> None:
    """Report one happening at a gateway, for rules to judge."""
    around = surroundings(context)
    body = _body(source, id, label) | {"gateway": gateway, "type": type}
    kept = around.talk().ask("POST", "/v1/events", json=body)
    around.say(printable(f"kept: {kept['type']} of {kept['gateway']} ({kept['id']})"))


@app.command()
def alert(  # noqa: PLR0913, PLR0917  # each option is a parameter, as Typer has it
    context: typer.Context,
    title: Annotated[str, typer.Argument(help="What is wrong, in a few words.")],
    message: Annotated[str, typer.Argument(help="The rest of it.")] = "",
    severity: Annotated[str, typer.Option(help="critical, warning or info.")] = "warning",
    team: Annotated[str, typer.Option(help="Whose it is.")] = "platform",
    dedup_key: Annotated[str, typer.Option(help="What it is about; without one, its title.")] = "",
    gateway: Annotated[str, typer.Option(help="The gateway that it is about, if it is.")] = "",
    category: str = "",
    source: Source = "",
    label: Label = None,
    id: Id = "",
    resolve: Annotated[bool, typer.Option("--resolve", help="It is over.")] = False,
) -> None:
    """Raise an alert, or end it with --resolve: same source and title, or --dedup-key, same alert."""
    around = surroundings(context)
    given = {
        "title": title, "message": message, "severity": severity, "team": team, "dedup_key": dedup_key,
        "gateway": gateway, "category": category, "status": "resolved" if resolve else "",
    }  # fmt: skip
    body = _body(source, id, label) | {name: text for name, text in given.items() if text}
    done = around.talk().settle("POST", "/v1/alerts", json=body)
    shown = done.get("alert")
    words = f"{shown['status']}: {shown['id'][:8]} {shown['message']}" if shown else "no alert"
    around.say(printable(f"{words} ({done['reason'] or done['status']})"))
