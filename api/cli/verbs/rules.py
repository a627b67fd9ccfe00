"""`tocsin rules test`: documents, and what to try them on; what fires, when, why and for whom out."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from api.cli.context import Surroundings, surroundings
from api.cli.curve import pictures
from api.cli.samples import FORM, SampleFile, read
from api.cli.strip import picture
from api.cli.verbs.apply import gathered
from api.instant import spell
from api.promtool.import_verb import import_rules
from api.trials.outcome.plot import as_json
from api.trials.trial import tried
from api.trials.trial_input import inputs
from api.trials.trial_warnings import remarks
from streams.documents.document import Owned
from streams.documents.rule import Rule
from streams.errors import Refused

app = typer.Typer(help="Try rules, and bring those of Prometheus.", no_args_is_help=True)
app.command("import")(import_rules)
SHOWN = 10  # wrong lines that are said
LINES = {"Accept": "application/x-ndjson"}


@app.command("test")
def try_out(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="YAML with the rule, and who is told.")],
    samples: Annotated[Path | None, typer.Option(help=FORM)] = None,
    last: Annotated[
        str, typer.Option(help="Instead: what Kafka has recorded for so long, such as 24h.")
    ] = "",
    live: Annotated[
        bool, typer.Option("--live", help="Instead: as far as the rule looks back, until now.")
    ] = False,
    gateway: Annotated[str, typer.Option(help="Of the samples; of what is recorded, all if left out.")] = "",
    scores: Annotated[
        bool, typer.Option(help="Draw what anomaly rules made of every row: value, band and score.")
    ] = False,
) -> None:
    """Try the documents of FILE: what fires, when, why, and who would be told. Nothing is sent."""
    around = surroundings(context)
    if (samples is not None) + bool(last) + live != 1:
        raise Refused("say one of --samples FILE, --last 24h (what Kafka has recorded) and --live")
    documents = [document for _, document in gathered(around, [file])]
    if samples is not None:
        _on_samples(around, documents, samples, gateway or "trial", scores)
        return
    rules = [document for document in documents if isinstance(document, Rule)]
    if not rules:
        raise Refused(f"{file}: there is no rule in it")
    beside = [{"type": document.type, **document.body()} for document in documents if document not in rules]
    recorded = {"gateway": gateway} | ({"last": last} if last else {})
    for rule in rules:
        answer = _asked(around, {"rule": rule.body(), "documents": beside, "recorded": recorded})
        _show(around, answer, scores)


def _on_samples(around: Surroundings, documents: list[Owned], file: Path, gateway: str, scores: bool) -> None:
    """In this process, on what stands in a file."""
    given = _given(around, file)
    asleep = [document.name for document in documents if isinstance(document, Rule) and not document.enabled]
    documents = [
        document.model_copy(update={"enabled": True}) if isinstance(document, Rule) else document
        for document in documents
    ]
    messages, until = inputs(gateway, given.samples, given.events)
    notes = [f"rule {name} is disabled: it is tried as if it were enabled" for name in asleep]
    notes += remarks(documents, given.samples, gateway, int(time.time() * 1000), given.events)
    outcome = tried(documents, messages, until)
    end = spell(messages[-1].at) or ""
    drawn = picture(outcome.rows, _limits(documents)) if scores else ()
    told = _sentences(outcome.timeline, end)
    for line in (
        *(f"note: {words}" for words in notes),
        *drawn,
        *told,
        *pictures(as_json(outcome.curves)),
    ):
        around.say(line)


def _given(around: Surroundings, file: Path) -> SampleFile:
    """What stands in a file; Refused, line by line, where something of it cannot be read."""
    given = read(file)
    for trouble in given.troubles[:SHOWN]:
        around.say(str(trouble))
    if given.troubles:
        raise Refused(f"{file}: {len(given.troubles)} lines to mend; nothing was tried")
    return given


def _sentences(timeline: list[dict[str, Any]], end: str) -> Iterator[str]:
    """A timeline for people. `end`: when the last sample came."""
    for after, entries in groupby(timeline, lambda entry: entry["at"] > end):
        if after:
            yield f"{end}  here the samples end; what follows happens as if the gateway had gone silent"
        yield from map(sentence, entries)


def _asked(around: Surroundings, body: dict[str, Any]) -> dict[str, Any]:
    """What the API answers; how far it is, is said on the way where somebody watches."""
    with around.talk().lines("POST", "/v1/rules/test", json=body, headers=LINES) as lines:
        for line in lines:
            answer = orjson.loads(line)
            if "progress" in answer and sys.stderr.isatty():
                sys.stderr.write(f"\r{answer['progress']:4.0%} " if answer["progress"] < 1 else "\r")
            if "error" in answer:
                raise Refused(answer["error"]["detail"])
            if "result" in answer:
                return dict(answer["result"])
    raise Refused("the answer broke off: see the log of the API, and ask again")


def _show(around: Surroundings, answer: dict[str, Any], scores: bool) -> None:
    """What came of a trial on what was recorded."""
    rule, span = answer["rule"], answer["span"]
    around.say(f"rule {rule['name']} on {span['inputs']} records, {span['from']} to {span['until']}", "bold")
    limits = {rule["name"]: min(answer["thresholds"].values(), default=0.0)}
    for line in (
        *(f"note: {words}" for words in answer["warnings"]),
        *(picture(answer["rows"], limits) if scores else ()),
        *map(sentence, answer["timeline"]),
        *pictures(answer["plot"]),
        *_short(answer),
    ):
        around.say(line)


def _short(answer: dict[str, Any]) -> Iterator[str]:
    """Who would be told, how many alerts there are, and what the version that holds now makes of the same."""
    for recipient in answer["told"]:
        calls = f"{recipient['calls']} times from {recipient['first']} on"
        yield f"told: {recipient['to']}, {calls} ({recipient['reason']})"
    yield f"alerts: {len(answer['alerts'])}"
    if (before := answer["before"]) is not None:
        yield f"alerts of revision {before['revision']}, which holds now: {len(before['alerts'])}"
        for difference in answer["differences"]:
            yield f"  {difference['says']}"


def _limits(documents: list[Owned]) -> dict[str, float]:
    """The lowest threshold of each rule that has one."""
    rules = [document for document in documents if isinstance(document, Rule) and document.condition.anomaly]
    return {rule.name: min(rule.levels()[0].values()) for rule in rules}


def sentence(entry: dict[str, Any]) -> str:
    """One entry of a timeline, for people."""
    to = f" → {entry['to']}" if entry.get("to") else ""
    about = entry.get("message") or entry.get("title") or entry.get("rule") or ""
    return f"{entry['at']}  {entry['subject']} {entry['what']}{to}: {about} ({entry.get('reason', '')})"
