"""`tocsin gateways list` and `tocsin disconnect`: which gateways are watched, and the end of that."""

from __future__ import annotations

import time
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from api.cli.context import Surroundings, surroundings
from sources.bearer import TokenFile
from sources.registry import RESERVED, Gateway, Registry
from streams.duration import spell
from streams.errors import Failure, Misconfigured, Refused

app = typer.Typer(help="Which gateways are watched.", no_args_is_help=True)


@app.command("list")
def list_(context: typer.Context) -> None:
    """List the gateways that are watched, what was heard of each, and what is wrong with its token's file."""
    around = surroundings(context)
    known, heard = Registry(around.settings.data).read(), _heard(around)
    for gateway in known.values():
        around.say(f"{gateway.name}  {gateway.url}  every {spell(gateway.interval)}")
        around.say(f"    {_sources(heard, gateway.name)}")
        if trouble := _token(gateway):
            around.say(f"    ✘ {trouble}", "bold")
    around.say(f"{len(known)} watched" + ("" if known else ": `tocsin connect URL --token-file F` adds one"))


def disconnect(
    context: typer.Context, name: Annotated[str, typer.Argument(help="As `tocsin gateways list` has it.")]
) -> None:
    """Watch a gateway no longer: its alerts end with that reason, and nobody is told that it is silent."""
    around = surroundings(context)
    if name == RESERVED:
        raise Refused(f"{name} is not connected but pretended: TOCSIN_DEMONSTRATION=false switches it off")
    registry = Registry(around.settings.data)
    known = registry.read()
    if not registry.remove(name, time.time_ns() // 1_000_000):
        near = get_close_matches(name, known, 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}"
        raise Refused(f"no gateway is watched as {name!r:.60}; {hint}")
    around.say(
        f"{name} is watched no longer: within seconds, or once the bridge runs again, its open alerts end. "
        f"Its token still lies in {known[name].token_file}: revoke it if nobody else uses it."
    )


def _heard(around: Surroundings) -> dict[str, Any] | str:
    """Gateway → source → when last; or why that is not known."""
    try:
        return dict(around.talk().ask("GET", "/v1/sights")["gateways"])
    except Failure as why:
        return f"what was heard of it is not known: {why}"


def _sources(heard: dict[str, Any] | str, name: str) -> str:
    if isinstance(heard, str):
        return heard
    sources = [f"{source} {at[11:19]}" for source, at in sorted(heard.get(name, {}).items())]
    return (
        f"last heard (UTC): {', '.join(sources)}"
        if sources
        else "nothing was heard of it lately: is the bridge up?"
    )


def _token(gateway: Gateway) -> str:
    try:
        TokenFile(gateway.token_file)()
    except Misconfigured as why:
        return str(why)
    return ""
