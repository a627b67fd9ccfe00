"""`tocsin connect URL`: asks a gateway what can be seen of it, and enters it among those that the bridge polls."""

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
from sources.bridge.connect_report import ConnectReport
from sources.bridge.connect_report import connect as ask
from sources.bridge.registry import Gateway, Registry
from sources.contextforge.address import exposed
from sources.contextforge.token_file import TokenFile
from streams.errors import Misconfigured, Refused
from streams.text import fault

OTHERS = 0o077  # what nobody else may do with a token's file


def connect(  # noqa: PLR0913, PLR0917  # each option is a parameter, as Typer has it
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Address of the gateway, such as https://gateway.example.")],
    token_file: Annotated[
        Path, typer.Option(help="File that holds a token of the gateway's; it is read anew.")
    ],
    name: Annotated[str, typer.Option(help="What alerts call it; by default the host's name.")] = "",
    team: Annotated[
        str | None,
        typer.Option(help="Whose it is: its rules alone may read it, and the platform's; '': all may."),
    ] = None,
    interval: Annotated[str, typer.Option(help="How often it is asked: 15s, or as it is already.")] = "",
    ca: Annotated[str, typer.Option(help="File of certificates that sign the gateway's.")] = "",
    insecure: Annotated[bool, typer.Option("--insecure", help="Believe any certificate.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report.")] = False,
) -> None:
    """Report what the token may see, what is broken already and what is out of sight; then watch the gateway."""
    around = surroundings(context)
    known = Registry.of(around.settings).read()
    name = name or _named(url, known)
    before = known.get(name)
    gateway = _gateway(
        {"interval": "15s"}
        | (before.model_dump(mode="json", include={"interval", "key_file", "team"}) if before else {})
        | {"name": name, "url": url, "token_file": str(token_file.expanduser().absolute())}
        | {"verify": not insecure, "ca": ca}
        | ({"interval": interval} if interval else {})
        | ({"team": team} if team is not None else {})
    )
    _token(gateway)
    _distinct(gateway, known)
    for sentence in _warnings(gateway):
        around.say(f"warning: {sentence}")
    report = watch(around, gateway, only_look=dry_run)
    for sentence in report.sentences():
        around.say(sentence)
    if not report.usable:
        raise Refused(_undone(gateway, before, report))
    around.say(_done(gateway, before, report, dry_run))


def watch(around: Surroundings, gateway: Gateway, only_look: bool = False) -> ConnectReport:
    """What is seen of a gateway; the bridge watches it from now on where it answers, unless it is to `only_look`."""
    report = _look(gateway)
    if report.usable and not only_look:
        Registry.of(around.settings).put(gateway)
    return report


def _look(gateway: Gateway) -> ConnectReport:
    return asyncio.run(ask(gateway.url, TokenFile(gateway.token_file), gateway.encryption()))


def _undone(gateway: Gateway, before: Gateway | None, report: ConnectReport) -> str:
    """Why nothing was written, what to do, and what goes on as before."""
    goes_on = f"{gateway.name} is still watched as it was" if before else f"{gateway.name} is not watched"
    if report.unknown:
        return f"{goes_on}: the gateway refuses the token; put a good one into {gateway.token_file} and connect again"
    return f"{goes_on}: {_elsewhere(gateway) or 'mend what is said above'}"


def _elsewhere(gateway: Gateway) -> str:
    """Where an address with a path leads nowhere: whether the same host answers without it."""
    parts = urlsplit(gateway.url)
    root = f"{parts.scheme}://{parts.netloc}"
    if not parts.path or not _look(gateway.model_copy(update={"url": root})).answers:
        return ""
    return f"the gateway answers at {root}, not below {parts.path}: connect {root}"


def _done(gateway: Gateway, before: Gateway | None, report: ConnectReport, dry_run: bool) -> str:
    if dry_run:
        return "Nothing was changed (--dry-run)."
    new, old = gateway.model_dump(mode="json"), before.model_dump(mode="json") if before else {}
    changes = [
        f"{field} {old[field]} → {value}" for field, value in new.items() if old and old[field] != value
    ]
    done = f"{gateway.name} was watched already, and still is: {'; '.join(changes) or 'nothing changed'}."
    if before is None:
        done = f"Watched from now on as {gateway.name}."
    blind = any(not endpoint.seen for endpoint in report.coverage)
    more = (
        "Mend what it is blind to, and connect again"
        if blind
        else "`tocsin doctor` says what the rules see of it"
    )
    return f"{done} {more}; `tocsin gateways list` shows all, `tocsin disconnect {gateway.name}` ends it."


def _distinct(gateway: Gateway, known: Mapping[str, Gateway]) -> None:
    """Refused where the name stands for another address, or the address for another name: alerts would come twice."""
    same = known.get(gateway.name)
    if same is not None and same.url != gateway.url:
        words = f"give this one another with --name, or `tocsin disconnect {same.name}` first"
        raise Refused(f"{gateway.name} is the name of {same.url} already: {words}")
    for other in known.values():
        if other.url == gateway.url and other.name != gateway.name:
            words = f"say --name {other.name} to change how, or `tocsin disconnect {other.name}` first"
            raise Refused(f"{gateway.url} is watched already, as {other.name}: {words}")


def _token(gateway: Gateway) -> None:
    """Misconfigured, with how a token is made, where its file holds none."""
    try:
        TokenFile(gateway.token_file)()
    except Misconfigured as why:
        make = "put an API token of the gateway there (its POST /v1/tokens makes one)"
        raise Misconfigured(f"{why}: {make}; nothing was changed") from None


def _warnings(gateway: Gateway) -> list[str]:
    warnings = []
    if exposed(gateway.url):
        warnings.append(
            f"{gateway.url} is not encrypted: everybody on the way can read the token; use https://"
        )
    if not gateway.verify and gateway.url.startswith("https://"):
        warnings.append("any certificate is believed (--insecure): name the file of the right ones with --ca")
    if Path(gateway.token_file).stat().st_mode & OTHERS:
        warnings.append(f"{gateway.token_file} can be read by others: chmod 600 {gateway.token_file}")
    return warnings


def _named(url: str, known: Mapping[str, Gateway]) -> str:
    """The name under which the address is watched already, else one made of its host."""
    plain = url.strip().rstrip("/")
    if same := [other.name for other in known.values() if other.url == plain]:
        return same[0]
    try:
        host = urlsplit(plain).hostname or ""
    except ValueError:
        host = ""
    return re.sub(r"[^a-z0-9._-]", "-", host.lower()).strip("-._")[:100] or "gateway"


def _gateway(body: Mapping[str, object]) -> Gateway:
    try:
        return Gateway.model_validate(body)
    except ValidationError as why:
        (first, *_) = why.errors()
        raise Refused(fault.sentence(fault.path(first["loc"]), first)) from None
