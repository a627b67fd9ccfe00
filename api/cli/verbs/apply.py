"""`tocsin apply`: files of documents, checked line by line, planned in sentences, then carried out."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from api.cli.context import Surroundings, surroundings
from api.cli.file import text as file_text
from api.cli.talk import Talk
from api.documents.reference import DocumentKey, key
from api.files.yaml_check import check
from api.files.yaml_documents import FILES, Trouble, YamlDocument, files, read
from streams.codes import FailureCode
from streams.documents.document import Owned
from streams.documents.registry import SECTIONS
from streams.errors import Refused

TOGETHER, LARGEST = 200, 2 << 20  # documents of one request, and bytes
PAUSES = (1.0, 2.0, 4.0, 8.0)  # seconds before what the broker did not take is asked for again
PLURAL = {kind: section for section, kind in SECTIONS.items()}


def apply(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="YAML files, or folders of them.")],
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete what these kinds and teams hold besides.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the plan.")] = False,
    own: Annotated[
        bool, typer.Option("--own", help="From now on only these files may change what they hold.")
    ] = False,
) -> None:
    """Make the configuration what the files say: shows a plan, asks, and leaves what is unchanged untouched."""
    around = surroundings(context)
    pairs = gathered(around, paths)
    if own:
        pairs = [
            (source, document.model_copy(update={"file": Path(source.file).name}))
            for source, document in pairs
        ]
    talk = around.talk()
    steps = planned(around, talk, pairs, prune)
    todo = [step for step in steps if step["do"] != "keep"]
    kept = len(steps) - len(todo)
    for step in todo:
        around.say(f"  {step['sentence']}")
    written = {key(document) for _, document in pairs}
    if extra := [
        step for step in steps if (step["kind"], step["team"], step["name"]) not in written and not prune
    ]:
        names = ", ".join(f"{step['kind']} {step['name']} ({step['team']})" for step in extra)
        around.say(f"  kept, though no file holds them (--prune would delete them): {names}")
    around.say(f"{len(todo)} to do, {kept} unchanged")
    if not todo or dry_run:
        return
    if not yes:
        _confirm()
    carry_out(around, talk, pairs, todo)


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise Refused("nobody is there to ask: say --yes to carry it out, or --dry-run to see the plan only")
    typer.confirm("Carry it out?", abort=True)


def gathered(around: Surroundings, paths: Sequence[Path]) -> list[tuple[YamlDocument, Owned]]:
    """All documents below the paths; each trouble is said with its line, and then Refused."""
    pairs: list[tuple[YamlDocument, Owned]] = []
    troubles: list[Trouble] = []
    for file in files(paths):
        text = file_text(file, "documents in YAML")
        written, wrong = read(text, str(file))
        troubles += wrong
        for source in written:
            checked = check(source, text, masks=True)
            if isinstance(checked, list):
                troubles += checked
            else:
                pairs.append((source, checked))
    _refuse(around, troubles + _twice(pairs))
    if not pairs:
        raise Refused(f"{', '.join(map(str, paths))}: there is no document in it: see docs/configure.md")
    return pairs


def _twice(pairs: list[tuple[YamlDocument, Owned]]) -> list[Trouble]:
    first: dict[DocumentKey, YamlDocument] = {}
    troubles = []
    for source, document in pairs:
        other = first.setdefault(key(document), source)
        if other is not source:
            where = f"{other.file}:{other.line('name')}"
            words = (
                f"{document.type} {document.name} of team {document.team} stands in {where} already: keep one"
            )
            troubles.append(Trouble(source.file, source.line("name"), words))
    return troubles


def _refuse(around: Surroundings, troubles: list[Trouble]) -> None:
    for trouble in sorted(troubles, key=lambda trouble: (trouble.file, trouble.line)):
        around.say(str(trouble))
    if troubles:
        raise Refused(f"to mend: {len(troubles)}; nothing was changed")


def planned(
    around: Surroundings, talk: Talk, pairs: list[tuple[YamlDocument, Owned]], prune: bool
) -> list[dict[str, Any]]:
    """The plan's steps; what forbids it is said with its line, and then Refused; warnings are only said."""
    body = {
        "documents": [document.written() for _, document in pairs],
        "prune": prune,
    }
    plan = talk.ask("POST", "/v1/plan", json=body)
    written = {key(document): source for source, document in pairs}
    _refuse(around, [_placed(written, complaint) for complaint in plan["complaints"]])
    for complaint in plan["warnings"]:
        around.say(f"warning: {_placed(written, complaint)}")
    for preview in plan["previews"]:
        name = f"{preview['kind']} {preview['name']} of {preview['team']}"
        around.say(f"  {name} {preview['says']}")
    return list(plan["steps"])


def _placed(written: dict[DocumentKey, YamlDocument], complaint: dict[str, Any]) -> Trouble:
    source = written.get((complaint["kind"], complaint["team"], complaint["name"]))
    return (
        Trouble(source.file, source.line(complaint["path"]), complaint["says"])
        if source
        else Trouble("(stored)", 0, complaint["says"])
    )


def carry_out(
    around: Surroundings, talk: Talk, pairs: list[tuple[YamlDocument, Owned]], todo: list[dict[str, Any]]
) -> None:
    """Do the steps in order; the first that is refused ends it, and says how far it came."""
    bodies = {key(document): document.written() for _, document in pairs}
    done = 0
    for some in _together(todo, bodies):
        reasons = _do(talk, some, bodies)
        done += reasons.count("")
        for step, why in zip(some, reasons, strict=True):
            if why:
                raise Refused(f"{step['sentence']}: {why} ({done} of {len(todo)} were done; apply again)")
    around.say(f"{len(todo)} done")


def _together(
    todo: list[dict[str, Any]], bodies: dict[DocumentKey, dict[str, Any]]
) -> Iterator[list[dict[str, Any]]]:
    """What is put in parts, each no larger than one request may be; what is deleted one by one."""
    puts, size = list[dict[str, Any]](), 0
    for step in todo:
        length = LARGEST if step["do"] == "delete" else len(orjson.dumps(bodies[_key(step)]))
        if puts and (len(puts) == TOGETHER or size + length > LARGEST):
            yield puts
            puts, size = [], 0
        if step["do"] == "delete":
            yield [step]
        else:
            puts, size = [*puts, step], size + length
    yield from [puts] if puts else []


def _key(step: dict[str, Any]) -> DocumentKey:
    return step["kind"], step["team"], step["name"]


def _do(talk: Talk, steps: list[dict[str, Any]], bodies: dict[DocumentKey, dict[str, Any]]) -> list[str]:
    """Do some steps; for each why it was refused, or ""."""
    (step, *_) = steps
    if step["do"] == "delete":
        headers = {"If-Match": f'"{step["revision"]}"', "Tocsin-From": FILES}
        try:
            talk.settle("DELETE", f"/v1/{PLURAL[step['kind']]}/{step['id']}", headers=headers)
        except Refused as why:
            return [str(why)]
        return [""]
    return _put(talk, [bodies[_key(step)] | {"revision": step["revision"]} for step in steps], PAUSES)


def _put(talk: Talk, documents: list[dict[str, Any]], pauses: Sequence[float]) -> list[str]:
    """Put documents; for each why it was refused, or "". What the broker does not take is asked for again."""
    answer = talk.ask("POST", "/v1/documents", json={"documents": documents}, headers={"Tocsin-From": FILES})
    results = answer["results"]
    again = [n for n, result in enumerate(results) if result.get("code") == FailureCode.UNAVAILABLE.value]
    reasons = [_settled(talk, result) for result in results]
    if again and pauses:
        time.sleep(pauses[0])
        later = _put(talk, [documents[n] for n in again], pauses[1:])
        for n, reason in zip(again, later, strict=True):
            reasons[n] = reason
    return reasons


def _settled(talk: Talk, result: dict[str, Any]) -> str:
    """Why a document was refused, or "" once it is there."""
    try:
        if result["status"] == "pending":
            talk.settled(result["location"])
    except Refused as why:
        return str(why)
    return str(result["detail"]) if result["status"] == "refused" else ""
