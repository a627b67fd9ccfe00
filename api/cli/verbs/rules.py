"""`tocsin rules test`: documents and samples in; what fires, when, why and for whom out."""

from __future__ import annotations

import time
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.context import surroundings
from api.cli.samples import FORM, read
from api.cli.strip import picture
from api.cli.verbs.apply import gathered
from api.instant import spell
from api.trials.trial import tried
from api.trials.trial_input import inputs
from api.trials.trial_warnings import remarks
from streams.documents.rule import Rule
from streams.errors import Refused

app = typer.Typer(help="Try rules.", no_args_is_help=True)
SHOWN = 10  # wrong lines that are said


@app.command("test")
def try_out(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="YAML with the rule, and who is told.")],
    samples: Annotated[Path, typer.Option(help=FORM)],
    gateway: str = "trial",
    scores: Annotated[
        bool, typer.Option(help="Draw what anomaly rules made of every row: value, band and score.")
    ] = False,
) -> None:
    """Run the documents of FILE in memory on samples: what fires, when, why, and who would be told."""
    around = surroundings(context)
    documents = [document for _, document in gathered(around, [file])]
    values, troubles = read(samples)
    for trouble in troubles[:SHOWN]:
        around.say(str(trouble))
    if troubles:
        raise Refused(f"{samples}: {len(troubles)} lines to mend; nothing was tried")
    messages, until = inputs(gateway, values)
    for words in remarks(documents, values, gateway, int(time.time() * 1000)):
        around.say(f"note: {words}")
    end = spell(messages[-1].at) or ""
    outcome = tried(documents, messages, until)
    limits = {
        document.name: min(document.levels()[0].values())
        for document in documents
        if isinstance(document, Rule)
    }
    for line in picture(outcome.rows, limits) if scores else ():
        around.say(line)
    for after, entries in groupby(outcome.timeline, lambda entry: entry["at"] > end):
        if after:
            around.say(f"{end}  here the samples end; what follows happens as if the gateway had gone silent")
        for entry in entries:
            around.say(sentence(entry))


def sentence(entry: dict[str, Any]) -> str:
    """One entry of a timeline, for people."""
    to = f" → {entry['to']}" if entry.get("to") else ""
    about = entry.get("message") or entry.get("title") or entry.get("rule") or ""
    return f"{entry['at']}  {entry['subject']} {entry['what']}{to}: {about} ({entry.get('reason', '')})"
