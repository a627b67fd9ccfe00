"""`tocsin audit`: who changed what, before and after, and whether the record of it holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from api import instant
from api.cli.context import Surroundings, surroundings
from api.cli.json_lines import put_out
from api.cli.verbs.audit.revisions import lines
from api.cli.verbs.history.report import filters, write
from streams.audit_chain import ChainCheck, exported
from streams.errors import Refused

app = typer.Typer(help="Who changed what.", no_args_is_help=True)
FILTERS = ("team", "kind", "name", "by")
EXPORT = "/v1/audit/export"


@app.command("list")
def list_(
    context: typer.Context,
    where: Annotated[
        list[str] | None,
        typer.Option(help="team=payments, kind=rule, name=…, by=anna; may be repeated."),
    ] = None,
    begin: Annotated[str, typer.Option("--from", help="A time, such as 2026-12-07T09:00:00Z.")] = "",
    end: Annotated[str, typer.Option("--to", help="Until before this time.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many, the newest.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each change.")] = False,
) -> None:
    """List who changed which document, when, and each field before and after."""
    around = surroundings(context)
    asked = {"from": begin, "to": end, "limit": limit, **filters(where or (), FILTERS)}
    params = {name: value for name, value in asked.items() if value}
    for row in around.talk().ask("GET", "/v1/audit", params=params)["items"]:
        if as_json:
            put_out(row)
            continue
        for line in lines(row, f"{row['type']} {row['name']} of {row['team']}, revision {row['revision']}"):
            around.say(line)


@app.command()
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write it: one JSON object a line.")],
) -> None:
    """Write the whole audit of your teams into FILE; kept elsewhere, it proves later what stood here."""
    around = surroundings(context)
    with around.talk().stream("GET", EXPORT) as answer:
        write(file, answer)
    checks = _checked(file)
    around.say(f"{file}: {sum(check.lines for check in checks)} changes of {len(checks)} teams")


@app.command()
def verify(
    context: typer.Context,
    against: Annotated[
        Path | None, typer.Option(help="An earlier export: what stands in it must still be there.")
    ] = None,
) -> None:
    """Check the chain of each team; with an earlier export, also that nothing was cut off or written anew since."""
    around = surroundings(context)
    noted = [check for check in _checked(against) if check.head] if against else []
    for check in noted:
        if check.fault:
            raise Refused(f"{against}: team {check.team}, line {check.fault.place}: {check.fault.why}")
    params = {"head": ",".join(check.head for check in noted)} if noted else {}
    answer = around.talk().ask("GET", "/v1/audit/verify", params=params)
    for chain in answer["chains"]:
        around.say(_sentence(chain))
    _missing(around, noted, answer["missing"])
    if not answer["holds"]:
        raise Refused("the audit does not hold: somebody has altered the read model's database")


def _sentence(chain: dict[str, Any]) -> str:
    older = f"; {chain['first'] - 1} older ones went by age" if chain["first"] > 1 else ""
    if fault := chain["fault"]:
        return f"team {chain['team']}: does NOT hold at change {fault['place']}: {fault['why']}"
    return f"team {chain['team']}: {chain['lines']} changes hold{older}; head {chain['head']}"


def _missing(around: Surroundings, noted: list[ChainCheck], missing: list[str]) -> None:
    for check in noted:
        if check.head in missing:
            around.say(
                f"team {check.team}: what was exported up to change {check.last} stands here no longer"
            )


def _checked(file: Path) -> list[ChainCheck]:
    """The chains of an export; Refused where it is none."""
    return exported(_rows(file))


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines_:
        for number, line in enumerate(lines_, 1):
            try:
                row = orjson.loads(line)
                yield row | {
                    "at": instant.parse(row["at"]),
                    "hash": str(row["hash"]),
                    "previous": str(row["previous"]),
                }
            except (ValueError, KeyError, TypeError, Refused):
                raise Refused(f"{file}:{number}: this is no line of an audit") from None
