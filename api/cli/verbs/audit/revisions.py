"""`tocsin revisions`: what a document was, who made it so, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
import yaml

from api.cli.context import surroundings
from api.cli.json_lines import put_out
from api.cli.talk import Talk
from api.documents.revision_diff import worded
from streams.documents.document import PLATFORM
from streams.documents.registry import SECTIONS, identity
from streams.errors import Refused
from streams.text.nearest import nearest


def revisions(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="rule, policy, person, …")],
    name: Annotated[str, typer.Argument(help="The document, also one that is deleted now.")],
    team: Annotated[str, typer.Option(help="The team that owns it.")] = PLATFORM,
    show: Annotated[int, typer.Option(help="Print the document as it was at this revision.")] = 0,
    restore: Annotated[int, typer.Option(help="Put it as it was at this revision: a new one.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each revision.")] = False,
) -> None:
    """List the revisions of a document, the newest first, each with who, when and what it changed."""
    around = surroundings(context)
    talk, path = around.talk(), f"/v1/{_section(kind)}/{identity(team, _kind(kind), name)}/revisions"
    if restore:
        answer = talk.settle("POST", f"{path}/{restore}/restore")
        now = f", and is revision {answer['revision']} now" if "revision" in answer else ""
        around.say(f"{_kind(kind)} {name} of {team} is as it was at revision {restore}{now}")
        return
    if show:
        revision = talk.ask("GET", f"{path}/{show}")
        if revision["document"] is None:
            raise Refused(
                f"revision {show} {'deleted it' if revision['what'] == 'deleted' else 'is no longer kept'}"
            )
        around.say(yaml.safe_dump(revision["document"], sort_keys=False, allow_unicode=True).rstrip())
        return
    for row in _all(talk, path):
        if as_json:
            put_out(row)
            continue
        for line in lines(row, str(row["revision"])):
            around.say(line)


def _section(kind: str) -> str:
    known = _kind(kind)
    return next(section for section, document_type in SECTIONS.items() if document_type == known)


def _kind(word: str) -> str:
    """The kind that a word names, in the singular or the plural."""
    if word in SECTIONS.values():
        return word
    if word in SECTIONS:
        return SECTIONS[word]
    near = nearest(word, SECTIONS.values(), 1, 0.5)
    instead = f"did you mean {near[0]}?" if near else f"one of {', '.join(SECTIONS.values())}"
    raise Refused(f"there is no kind {word!r:.40}: {instead}")


def _all(talk: Talk, path: str) -> Iterator[dict[str, Any]]:
    params: dict[str, Any] = {"limit": 200}
    while True:
        page = talk.ask("GET", path, params=params)
        yield from page["items"]
        if page["next"] is None:
            return
        params["below"] = page["next"]


def lines(row: dict[str, Any], about: str) -> Iterator[str]:
    """A revision for people: one line for it, and one for each field that it changed."""
    yield f"{about}  {row['at']}  {row['by'] or 'Tocsin'} {row['what']} it"
    if row["changes"] is None:
        yield "     what it changed is no longer kept"
    for change in row["changes"] or ():
        both = f"{worded(change['before'])} → {worded(change['after'])}"
        yield f"     {change['field']}: {'another one' if change['secret'] else both}"
