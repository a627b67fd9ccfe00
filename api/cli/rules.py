"""`tocsin rules test`: a rule on samples, before anybody is woken by it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from api.cli.apply import gathered
from api.cli.context import surroundings
from api.trial import Sample, inputs, tried
from streams.errors import Refused

app = typer.Typer(help="Try rules.", no_args_is_help=True)
FORM = 'JSON lines {"at": "30s", "series": "up", "value": 1}, or CSV with the columns at, series, value'


@app.command("test")
def try_out(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="YAML with the rule, and who is told.")],
    samples: Annotated[Path, typer.Option(help=FORM)],
    gateway: str = "trial",
) -> None:
    """Run the documents of FILE in memory on samples: what fires, when, why, and who would be told."""
    around = surroundings(context)
    documents = [document for _, document in gathered(around, [file])]
    said, until = inputs(gateway, read_samples(samples))
    for entry in tried(documents, said, until):
        around.say(sentence(entry))


def read_samples(file: Path) -> list[Sample]:
    """The samples of a file; Refused names the line that cannot be read."""
    try:
        lines = file.read_text().splitlines()
    except OSError as why:
        raise Refused(f"{file}: {why.strerror}") from None
    table = file.suffix == ".csv"
    rows: Any = csv.DictReader(lines) if table else enumerate(line for line in lines if line.strip())
    found = []
    for n, row in enumerate(rows, 2 if table else 1):
        try:
            found.append(Sample.model_validate(row if table else orjson.loads(row[1])))
        except ValueError as why:
            raise Refused(
                f"{file}:{n}: this is no sample ({str(why).splitlines()[0]}): write {FORM}"
            ) from None
    return found


def sentence(entry: dict[str, Any]) -> str:
    """One entry of a timeline, for people."""
    to = f" → {entry['to']}" if entry.get("to") else ""
    about = entry.get("message") or entry.get("title") or entry.get("rule") or ""
    return f"{entry['at']}  {entry['subject']} {entry['what']}{to}: {about} ({entry.get('reason', '')})"
