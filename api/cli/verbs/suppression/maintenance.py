"""`tocsin maintenance VERB`: when windows are open, and to end one early."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import times
from api.cli.context import surroundings
from api.cli.json_lines import put_out
from api.cli.printable import printable
from api.cli.verbs.apply import gathered
from api.trials.window_trial import NamedWindow, active, occurrences
from streams.calendar.instant import spell
from streams.documents.document import PLATFORM
from streams.errors import Refused

NEXT = 5  # occurrences that are shown where neither `--to` nor `--count` says how many
app = typer.Typer(help="When maintenance windows are open.", no_args_is_help=True)
When = Annotated[str, typer.Option(help=times.FORM)]


@app.command()
def preview(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="YAML with maintenance windows.")],
    first: Annotated[str, typer.Option("--from", help=f"{times.FORM}; left out: now.")] = "",
    last: Annotated[str, typer.Option("--to", help=f"{times.FORM}; excluded.")] = "",
    count: Annotated[int | None, typer.Option(help="How many; five where no --to is given.")] = None,
    at: Annotated[
        list[str] | None, typer.Option(help="Which are open at this instant; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Tell when the windows of FILES are open, and which of them are at given instants."""
    around = surroundings(context)
    documents = [document for _, document in gathered(around, files)]
    previewed: list[NamedWindow] | None = None
    if first or last or count is not None or not at:
        until = times.given(last, "to") if last else None
        most = NEXT if count is None and until is None else count
        previewed = occurrences(documents, times.given(first, "from"), until, most)
    instants = [(when, active(documents, times.given(when, "at"))) for when in at or ()]
    if as_json:
        listed = {} if previewed is None else {"occurrences": [shown(each) for each in previewed]}
        put_out(listed | {"active": [_active(when, windows) for when, windows in instants]})
        return
    for each in previewed or ():
        around.say(printable(f"{spell(each.starts)} to {spell(each.ends)}: {each.name} of {each.team}"))
    if previewed is not None and not previewed:
        around.say("no window is open in that time")
    for when, windows in instants:
        names = ", ".join(f"{each.name} until {spell(each.ends)}" for each in windows)
        around.say(printable(f"at {when}: {names or 'no window is open'}"))


@app.command()
def end(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The window.")],
    team: Annotated[str, typer.Option(help="Whose it is.")] = PLATFORM,
) -> None:
    """End a window that is open now; what still fires is told at once, and later times are as they were."""
    around = surroundings(context)
    talk = around.talk()
    maintenances = talk.ask("GET", "/v1/maintenance", params={"name": name, "team": team})["items"]
    if not maintenances:
        raise Refused(f"there is no maintenance {name} of {team}: `--team` names the team that has it")
    ended = talk.settle("POST", f"/v1/maintenance/{maintenances[0]['id']}/end")
    at = f" at {ended['ended']}" if "ended" in ended else ""
    around.say(printable(f"maintenance {name} of {team} has ended{at}"))


def shown(occurrence: NamedWindow) -> dict[str, Any]:
    """One time that a window is open, for programs."""
    ends = times.spell(occurrence.ends)
    return {
        "name": occurrence.name,
        "team": occurrence.team,
        "starts": times.spell(occurrence.starts),
        "ends": ends,
    }


def _active(when: str, windows: Iterable[NamedWindow]) -> dict[str, Any]:
    return {"at": times.spell(times.given(when, "at")), "windows": [shown(each) for each in windows]}
