"""`tocsin gateways list` and `tocsin disconnect`: which gateways are watched, and the end of that."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

import typer

from api.cli.context import Surroundings, surroundings
from api.instant import parse
from sources.bridge import remedy
from sources.bridge.gateway_health import GatewayTrouble
from sources.bridge.registry import RESERVED, Gateway, Registry
from sources.contextforge.token_file import TokenFile
from streams.calendar.duration import spell
from streams.errors import Failure, Misconfigured, Refused
from streams.text.nearest import nearest

SILENCE = 60_000  # ms; patience with a source, as detect has it
LOOK = "is the bridge up, and what does its log (log/bridge.log in the data folder) say?"
OFF = "TOCSIN_DEMONSTRATION=false switches it off"
app = typer.Typer(help="Which gateways are watched.", no_args_is_help=True)


class GatewayComplaint(NamedTuple):
    """What is wrong with a gateway, in a sentence. `chosen`: its token lacks a permission that it may well lack."""

    says: str
    chosen: bool = False


@app.command("list")
def list_(context: typer.Context) -> None:
    """List the gateways that are watched: what was heard of each, what is wrong with it, since when, and the fix."""
    around = surroundings(context)
    known, coverage = Registry.of(around.settings).read(), seen(around)
    for gateway in known.values():
        around.say(f"{gateway.name}  {gateway.url}  every {spell(gateway.interval)}")
        around.say(f"    {_sources(coverage, gateway.name)}")
        for complaint in complaints(gateway.name, gateway, coverage):
            sign, style = ("·", "") if complaint.chosen else ("✘", "bold")
            around.say(f"    {sign} {complaint.says}", style)
    pretended = RESERVED in heard(coverage)
    if pretended:
        around.say(f"{RESERVED}  a gateway that Tocsin only pretends; {OFF}")
        around.say(f"    {_sources(coverage, RESERVED)}")
    around.say(
        f"{len(known)} watched"
        + (", and the demonstration" if pretended else "")
        + ("" if known else ": `tocsin connect URL --token-file F` adds one")
    )


def disconnect(
    context: typer.Context, name: Annotated[str, typer.Argument(help="As `tocsin gateways list` has it.")]
) -> None:
    """Watch a gateway no longer: its alerts end with that reason, and nobody is told that it is silent."""
    around = surroundings(context)
    if name == RESERVED:
        raise Refused(f"{name} is not connected but pretended: {OFF}")
    registry = Registry.of(around.settings)
    known = registry.read()
    if not registry.remove(name, _now()):
        near = nearest(name, known)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}"
        raise Refused(f"no gateway is watched as {name!r:.60}; {hint}")
    around.say(
        f"{name} is watched no longer: within seconds, or once the bridge runs again, its open alerts end. "
        f"Its token still lies in {known[name].token_file}: revoke it if nobody else uses it."
    )


def seen(around: Surroundings) -> dict[str, Any] | str:
    """What the API saw lately (GET /v1/coverage); or why that is not known."""
    try:
        return dict(around.talk().ask("GET", "/v1/coverage"))
    except Failure as why:
        return f"what was heard of it is not known: {why}"


def heard(coverage: dict[str, Any] | str) -> dict[str, dict[str, str]]:
    """Gateway → source → when last."""
    return {} if isinstance(coverage, str) else dict(coverage["gateways"])


def complaints(name: str, gateway: Gateway | None, coverage: dict[str, Any] | str) -> list[GatewayComplaint]:
    """What is wrong with a gateway: what only this machine knows, then what the bridge says of it."""
    reported = [] if isinstance(coverage, str) else coverage.get("troubles", {}).get(name, [])
    told = [_told(trouble) for trouble in reported]
    mine = [*_files(gateway), *_silence(gateway, heard(coverage).get(name, {}))] if gateway else []
    return [
        *(GatewayComplaint(words) for words in mine if not any(words in each.says for each in told)),
        *told,
    ]


def _told(trouble: dict[str, Any]) -> GatewayComplaint:
    """One that the bridge has told; what several paths lack is chosen where each of them may lack it."""
    paths, status = tuple(trouble["paths"]), trouble["status"]
    says = str(GatewayTrouble(trouble["since"], paths, status, trouble["fix"]))
    return GatewayComplaint(says, all(remedy.is_chosen(path, status) for path in paths))


def _sources(coverage: dict[str, Any] | str, name: str) -> str:
    if isinstance(coverage, str):
        return coverage
    sources = [f"{source} {at[11:19]}" for source, at in sorted(coverage["gateways"].get(name, {}).items())]
    return f"last heard (UTC): {', '.join(sources)}" if sources else f"nothing was heard of it lately: {LOOK}"


def _silence(gateway: Gateway, sources: dict[str, str]) -> Iterator[str]:
    """Whether what was heard last was heard too long ago."""
    last = max(sources.values(), default="")
    if last and _now() - parse(last) > max(SILENCE, 4 * gateway.interval):
        yield f"nothing was heard of it since {last}: {LOOK}"


def _now() -> int:
    return time.time_ns() // 1_000_000


def _files(gateway: Gateway) -> Iterator[str]:
    """What is wrong with the files that its entry names, where the bridge cannot say it."""
    for read in (TokenFile(gateway.token_file), gateway.encryption):
        try:
            read()
        except Misconfigured as why:
            yield str(why)
