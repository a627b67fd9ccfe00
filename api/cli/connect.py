"""`tocsin connect`: from the demonstration to the reader's own gateway."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from pydantic import ValidationError

from api.cli.context import Surroundings, surroundings
from sources.bearer import TokenFile
from sources.registry import Gateway, Registry
from sources.survey import Survey
from sources.survey import connect as ask
from streams.errors import Refused


def connect(  # noqa: PLR0913, PLR0917  # each option is a parameter, as Typer has it
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Address of the gateway, such as https://gateway.example.")],
    token_file: Annotated[
        Path, typer.Option(help="File that holds a token of the gateway's; it is read anew.")
    ],
    name: Annotated[str, typer.Option(help="What alerts call it; by default the host's name.")] = "",
    interval: Annotated[str, typer.Option(help="How often it is asked.")] = "15s",
    ca: Annotated[str, typer.Option(help="File of certificates that sign the gateway's.")] = "",
    insecure: Annotated[bool, typer.Option("--insecure", help="Believe any certificate.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report.")] = False,
) -> None:
    """Report what the token may see, what is broken already and what is out of sight; then watch the gateway."""
    around = surroundings(context)
    gateway = _gateway(
        {"name": name or _named(url), "url": url.rstrip("/"), "token_file": str(token_file.absolute())}
        | {"interval": interval, "verify": not insecure, "ca": ca}
    )
    known = Registry(around.settings.data).read().get(gateway.name)
    if known is not None and known.url != gateway.url:
        raise Refused(f"{gateway.name} is the name of {known.url} already: give this one another with --name")
    report = watch(around, gateway, only_look=dry_run)
    for sentence in report.sentences():
        around.say(sentence)
    if not report.usable:
        raise Refused(f"{gateway.name} is not watched: mend what is said above and connect again")
    if not dry_run:
        around.say(f"Watched from now on as {gateway.name}; `tocsin doctor` says what the rules see of it.")


def watch(around: Surroundings, gateway: Gateway, only_look: bool = False) -> Survey:
    """Survey a gateway, and where it answers let the bridge watch it from now on."""
    report = asyncio.run(ask(gateway.url, TokenFile(gateway.token_file), gateway.encryption()))
    if report.usable and not only_look:
        Registry(around.settings.data).put(gateway)
    return report


def _named(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        raise Refused(f"{url!r:.80} is not an address: write for instance https://gateway.example") from None
    return re.sub(r"[^a-z0-9._-]", "-", host.lower()).strip("-._") or "gateway"


def _gateway(body: Mapping[str, object]) -> Gateway:
    try:
        return Gateway.model_validate(body)
    except ValidationError as why:
        first = why.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise Refused(f"`{field}`: {first['msg'].removeprefix('Value error, ')}") from None
