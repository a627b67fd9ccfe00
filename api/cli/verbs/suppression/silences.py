"""`tocsin silences VERB`: what silences cover, before they hold and while they do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import times
from api.cli.context import surroundings
from api.cli.json_lines import put_out
from api.cli.labels import FORM, read_labels
from api.cli.printable import printable
from api.cli.verbs.apply import gathered
from api.trials.silence_trial import SilenceTrial, try_silences
from streams.documents.suppression.silence import Silence

app = typer.Typer(help="What silences cover.", no_args_is_help=True)


@app.command()
def match(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="YAML with silences.")],
    labels: Annotated[str, typer.Option(help=FORM)] = "",
    at: Annotated[list[str] | None, typer.Option(help="When; may be repeated; left out: now.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each alert and time.")] = False,
) -> None:
    """Tell which silences of FILES cover alerts with these labels, and why the others do not."""
    around = surroundings(context)
    documents = [document for _, document in gathered(around, files)]
    for alert in read_labels(labels):
        for when in at or [""]:
            trial = try_silences(documents, alert, times.given(when, "at"))
            if as_json:
                put_out(shown(trial, alert, when))
                continue
            for line in lines(trial, alert):
                around.say(printable(line))


@app.command()
def preview(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="YAML with silences.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each silence.")] = False,
) -> None:
    """Ask Tocsin which alerts the silences of FILES cover now, and have in the last 24 hours."""
    around = surroundings(context)
    talk = around.talk()
    for _, document in gathered(around, files):
        if not isinstance(document, Silence):
            continue
        asked = {"covers": document.covers, "team": document.team}
        preview_now = talk.ask("GET", "/v1/covered", params=asked)
        if as_json:
            put_out({"silence": document.name, "team": document.team, **preview_now})
            continue
        around.say(printable(f"silence {document.name} of {document.team} {preview_now['says']}"))
        for words in preview_now["warnings"]:
            around.say(printable(f"  warning: {words}"))
        for alert in preview_now["items"]:
            around.say(printable(f"  {alert['severity']:<8} {alert['id'][:8]}  {alert['message']}"))


def shown(trial: SilenceTrial, labels: dict[str, str], when: str) -> dict[str, Any]:
    """The answer for programs; `at` where one was given, so that the same input gives the same."""
    asked = {"labels": labels} | ({"at": times.spell(times.given(when, "at"))} if when else {})
    verdicts = [verdict._asdict() for verdict in trial.silences]
    until = None if trial.until is None else times.spell(trial.until)
    silenced = {"silenced": bool(trial.suppressed_by), "silenced_by": trial.suppressed_by or None}
    return asked | silenced | {"until": until, "reason": trial.reason, "silences": verdicts}


def lines(trial: SilenceTrial, labels: dict[str, str]) -> Iterator[str]:
    """The same for people."""
    about = (
        ", ".join(f"{name}={value}" for name, value in sorted(labels.items())) or "an alert without labels"
    )
    yield f"{about}: {trial.reason or 'no silence covers it'}"
    for verdict in trial.silences:
        sign = "covers" if verdict.covers else "does not cover"
        yield f"  silence {verdict.silence} of {verdict.team} {sign} it: {verdict.reason} ({verdict.code})"
