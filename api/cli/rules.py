"""`tocsin rules test`: a rule on samples, before anybody is woken by it."""

from __future__ import annotations

import time
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.apply import gathered
from api.cli.context import surroundings
from api.cli.samples import FORM, read
from api.instant import spell
from api.remark import remarks
from api.trial import inputs, tried
from streams.errors import Refused

app = typer.Typer(help="Try rules.", no_args_is_help=True)
SHOWN = 10  # wrong lines that are said


@app.command("test")
def try_out(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="YAML with the rule, and who is told.")],
    samples: Annotated[Path, typer.Option(help=FORM)],
    gateway: str = "trial",
    scores: Annotated[bool, typer.Option(help="Say what anomaly rules made of every row.")] = False,
) -> None:
    """Run the documents of FILE in memory on samples: what fires, when, why, and who would be told."""
    around = surroundings(context)
    documents = [document for _, document in gathered(around, [file])]
    found, troubles = read(samples)
    for trouble in troubles[:SHOWN]:
        around.say(str(trouble))
    if troubles:
        raise Refused(f"{samples}: {len(troubles)} lines to mend; nothing was tried")
    said, until = inputs(gateway, found)
    for words in remarks(documents, found, gateway, int(time.time() * 1000)):
        around.say(f"note: {words}")
    end = spell(said[-1].at) or ""
    outcome = tried(documents, said, until)
    for row in outcome.rows if scores else ():
        around.say(row_sentence(row))
    for after, entries in groupby(outcome.timeline, lambda entry: entry["at"] > end):
        if after:
            around.say(f"{end}  here the samples end; what follows happens as if the gateway had gone silent")
        for entry in entries:
            around.say(sentence(entry))


def row_sentence(row: dict[str, Any]) -> str:
    """What an anomaly rule made of one row, for people."""
    of = row["series"] or row["gateway"]
    return f"{row['at']}  {row['rule']} of {of}: {row['value']} ({row['low']} to {row['high']}), score {row['score']}"


def sentence(entry: dict[str, Any]) -> str:
    """One entry of a timeline, for people."""
    to = f" → {entry['to']}" if entry.get("to") else ""
    about = entry.get("message") or entry.get("title") or entry.get("rule") or ""
    return f"{entry['at']}  {entry['subject']} {entry['what']}{to}: {about} ({entry.get('reason', '')})"
