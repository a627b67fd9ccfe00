"""`tocsin routes test`: documents and the labels of an alert in; its groups, and who hears of it when, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from api.cli import times
from api.cli.context import surroundings
from api.cli.json_lines import put_out
from api.cli.labels import FORM, read_labels
from api.cli.printable import printable
from api.cli.verbs.apply import gathered
from api.documents.reference import circle, key
from api.instant import length as length_of
from api.trials.route_trial import RouteTrial, try_routes
from streams.calendar.duration import spell
from streams.documents.document import Owned
from streams.errors import Refused

app = typer.Typer(help="Try routes.", no_args_is_help=True)


@app.command("test")
def try_out(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="YAML with routes, policies and who is told.")],
    labels: Annotated[str, typer.Option(help=FORM)] = "",
    at: Annotated[str, typer.Option(help=f"When it fires: {times.FORM}; left out: now.")] = "",
    length: Annotated[str, typer.Option("--for", help="How far to look ahead.")] = "1h",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each alert.")] = False,
) -> None:
    """Tell which groups an alert with these labels joins, and who hears of it if nobody acknowledges."""
    around = surroundings(context)
    documents = [document for _, document in gathered(around, files)]
    _refuse_circles(documents)
    start, ahead = times.given(at, "at"), length_of(length, "for")
    for alert in read_labels(labels):
        trial = try_routes(documents, alert, start, ahead)
        if as_json:
            told, untold = ([call._asdict() for call in calls] for calls in (trial.told, trial.untold))
            put_out({"labels": alert, "groups": list(trial.groups), "told": told, "untold": untold})
            continue
        for line in lines(trial):
            around.say(printable(line))


def lines(trial: RouteTrial) -> Iterator[str]:
    """What follows, for people."""
    for group in trial.groups:
        yield f"joins group {group}"
    for untold in trial.untold:
        yield f"after {spell(untold.after)}: {untold.what} ({untold.reason_code}: {untold.reason})"
    for told in trial.told:
        yield f"after {spell(told.after)}: {told.what} to {told.to} ({told.reason_code}: {told.reason})"
    if not trial.told:
        yield "nobody is told"


def _refuse_circles(documents: Sequence[Owned]) -> None:
    """Refused where routes are within one another in a circle: none of them would ever be taken."""
    known = {key(document): document for document in documents}
    for document in documents:
        for field, says in circle(document, known):
            raise Refused(f"{document.type} {document.name}: `{field}` {says}")
